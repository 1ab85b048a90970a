/** How history is kept. The times are settings so that a test can let hours pass in seconds. */
export interface HistorySettings {
  readonly dataDir: string;
  /** Raw rows older than this are removed. */
  readonly retentionMs: number;
  /** Rollups live longer, being smaller. */
  readonly rollupRetentionMs: number;
  /** All segments together are kept below this, oldest raw ones going first. */
  readonly retentionBytes: number;
  /** A journal is sealed before its minute is over when it has grown this far: sealing needs it in memory. */
  readonly journalBytes: number;
  /** A journal covers at most one of these, and merged segments one of those. */
  readonly minuteMs: number;
  readonly hourMs: number;
  readonly dayMs: number;
}

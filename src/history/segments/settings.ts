/** How history is kept. The times are settings so that a test can let hours pass in seconds. */
export interface HistorySettings {
  readonly dataDir: string;
  /** Raw rows older than this are removed. */
  readonly retentionMs: number;
  /** Raw rows around incidents live longer than the rest. */
  readonly incidentRetentionMs: number;
  /** Rollups live longer, being smaller. */
  readonly rollupRetentionMs: number;
  /** All segments together are kept below this, oldest raw ones going first, those around incidents next. */
  readonly retentionBytes: number;
  /** A journal is sealed before its time when it has grown this far: sealing needs it in memory. */
  readonly journalBytes: number;
  /** What a journal covers at most: whole minutes, and a whole part of an hour. */
  readonly journalMs: number;
  /** What merged segments cover. */
  readonly hourMs: number;
  readonly dayMs: number;
  /**
   * Raw rows are handed over to somebody else as well, a file a table and period: whole minutes, and a whole part or a
   * multiple of an hour. Journals never reach from one period into the next.
   */
  readonly outbox?: { readonly periodMs: number };
}

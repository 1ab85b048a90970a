import type { HostLabels } from '../../base/host_labels.ts';

/** Where what is sent goes, and what is shown there. */
export interface RemoteWriteSettings {
  readonly urls: readonly string[];
  /** Length of the intervals that are folded. */
  readonly intervalMs: number;
  /** Patterns of the fields that are sent at every tick. */
  readonly full: readonly string[];
  readonly labels: HostLabels;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  readonly tokenFile: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Whose journals are read; undefined where nothing is recorded. */
  readonly dataDir: string | undefined;
  /** What of journals is kept while it cannot be sent. */
  readonly keptBytes: number;
  /** What the receiver is told who sends. */
  readonly version: string;
}

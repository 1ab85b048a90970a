/** A journal frames can be read from. */
export interface JournalFile {
  /** Where it is; it may have moved to `elsewhere` when it is opened. */
  readonly path: string;
  readonly elsewhere: string;
  /** How much of it may be read: what is behind that belongs to what comes live. */
  readonly bytes: number;
  /** Unix milliseconds of the minute it covers. */
  readonly fromMs: number;
  /** Whether this process wrote it, so that its sequence numbers are those of the stream. */
  readonly own: boolean;
}

/** One thing that is measured, by itself and many times. */
export interface Row {
  readonly name: string;
  /** Does nothing, or only reads what the other rows work on: what the others cost begins above it. */
  readonly control?: true;
  readonly run: () => unknown;
  /** Returns a promise, and is over when that is settled. */
  readonly async?: true;
}

/** Rows that belong together. */
export interface Suite {
  /** The part of the source they measure. */
  readonly source: string;
  readonly rows: readonly Row[];
  /** Releases what the rows work on. */
  readonly dispose?: () => void;
}

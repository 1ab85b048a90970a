/** How a value is held against a threshold. */
export const COMPARISONS = ['>', '>=', '<', '<='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/**
 * What of a field is compared: the value as it stands, what a counter grew by since the reading before, or how far
 * from zero the value is, in whichever direction.
 */
export type Compared = 'value' | 'growth' | 'magnitude';

/** That a field of one collector lies beyond a threshold. */
export interface Condition {
  /** From the collector's data down; `*` stands for any one name or place. */
  readonly path: readonly string[];
  readonly compared: Compared;
  readonly comparison: Comparison;
  readonly threshold: number;
}

/** A condition that somebody wants to be told of, and for how long it must hold first. */
export interface Watch extends Condition {
  /** What its incidents are called. */
  readonly name: string;
  readonly collector: string;
  /** The field as it was written, from the snapshot down. */
  readonly field: string;
  /** In which unit the threshold is; empty for a plain number. */
  readonly unit: string;
  /** 0 for at once. */
  readonly forMs: number;
  /** Whether a value tells of the time since the reading before, as shares and rates do, and not of the moment. */
  readonly tellsOfInterval: boolean;
  /** It does not count while this holds, of the same collector. */
  readonly unless?: Condition;
  /** Why it is watched without having been asked for; absent for what somebody asked for. */
  readonly reason?: string;
}

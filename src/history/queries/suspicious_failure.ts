import { type ErrorCode, HzstatError } from '../../base/errors.ts';
import type { Segment } from '../segments/manifest.ts';
import type { FromQuery } from './query_messages.ts';

/** A query failed, and a damaged segment may be why: the owner of the segments inspects them and repeats the query without it. */
export class SuspiciousFailure extends HzstatError {
  readonly suspects: readonly Segment[];

  /** What a query process said, with its suspicion if it has one. */
  static of({ code, message, suspects = [] }: Extract<FromQuery, { type: 'error' }>): HzstatError {
    return suspects.length > 0
      ? new SuspiciousFailure(code, message, suspects)
      : new HzstatError(code, message);
  }

  private constructor(code: ErrorCode, message: string, suspects: readonly Segment[]) {
    super(code, message);
    this.suspects = suspects;
  }
}

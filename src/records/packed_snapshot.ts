import type { Moment } from '../base/timestamps.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { PackedRecord, RecordLayout } from './layout.ts';
import { layoutOfParts, type Parts } from './parts.ts';
import { unpack } from './unpack.ts';

/** The name of the part that says how sampling went; it comes last. */
export const SAMPLING = 'sampling';

/**
 * A snapshot as it came from the collectors, in rows of numbers. Most are only ever encoded, which needs no
 * object; `snapshot` makes one on demand.
 */
export class PackedSnapshot {
  readonly sequence: number;
  readonly moment: Moment;
  /** What each collector delivered, in the order of the collectors, and {@link SAMPLING} behind them. */
  readonly parts: Parts;
  #layout: RecordLayout | undefined;
  #snapshot: Snapshot | undefined;

  constructor(sequence: number, moment: Moment, parts: Parts) {
    this.sequence = sequence;
    this.moment = moment;
    this.parts = parts;
  }

  get timestamp(): string {
    return this.moment.text;
  }

  get sampling(): PackedRecord {
    const sampling = this.parts.get(SAMPLING);
    if (sampling === undefined) throw new TypeError('a snapshot without its part about sampling');
    return sampling;
  }

  /** Of all parts together: the same object for all snapshots that look the same. */
  get layout(): RecordLayout {
    this.#layout ??= layoutOfParts(this.parts);
    return this.#layout;
  }

  /** The snapshot as an object, made once. */
  get snapshot(): Snapshot {
    if (this.#snapshot === undefined) {
      const { sequence, timestamp } = this;
      const fields: Record<string, unknown> = { type: 'snapshot', sequence, timestamp };
      for (const [name, part] of this.parts) fields[name] = unpack(part);
      // What was packed is what the collectors made: the types of both sides are the same.
      this.#snapshot = fields as unknown as Snapshot;
    }
    return this.#snapshot;
  }
}

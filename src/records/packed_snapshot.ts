import type { Moment } from '../base/timestamps.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { PackedRecord } from './layout.ts';
import { unpack } from './unpack.ts';

/**
 * A snapshot as it came from the collectors, in rows of numbers. Most are only ever encoded, which needs no
 * object; `snapshot` makes one on demand.
 */
export class PackedSnapshot {
  readonly sequence: number;
  readonly moment: Moment;
  /** What each collector delivered, in the order of the collectors. */
  readonly parts: ReadonlyMap<string, PackedRecord>;
  readonly sampling: PackedRecord;
  #snapshot: Snapshot | undefined;

  constructor(
    sequence: number,
    moment: Moment,
    parts: ReadonlyMap<string, PackedRecord>,
    sampling: PackedRecord,
  ) {
    this.sequence = sequence;
    this.moment = moment;
    this.parts = parts;
    this.sampling = sampling;
  }

  get timestamp(): string {
    return this.moment.text;
  }

  /** The snapshot as an object, made once. */
  get snapshot(): Snapshot {
    if (this.#snapshot === undefined) {
      const { sequence, timestamp } = this;
      const fields: Record<string, unknown> = { type: 'snapshot', sequence, timestamp };
      for (const [name, part] of this.parts) fields[name] = unpack(part);
      fields.sampling = unpack(this.sampling);
      // What was packed is what the collectors made: the types of both sides are the same.
      this.#snapshot = fields as unknown as Snapshot;
    }
    return this.#snapshot;
  }
}

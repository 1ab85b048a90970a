import { HEADER_SLOTS, LAYOUT_ID, SEQUENCE, UNIX_US, VALUE_SLOTS } from '../../history/rows/row_header.ts';
import type { Batch } from '../../history/rows/snapshot_batch.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { NO_LAYOUT, type Position, type SnapshotSource } from './snapshot_source.ts';

/** A batch that was handed over, and the layouts its rows are of. */
interface Held {
  readonly rows: Float64Array;
  readonly used: number;
  readonly layouts: ReadonlyMap<number, RecordLayout>;
  readonly lastSequence: number;
}

const BYTES_PER_SLOT = Float64Array.BYTES_PER_ELEMENT;

/** Batches of snapshots in memory, for all receivers; where nothing is recorded, the latest minutes are held. */
export class HeldSnapshots {
  readonly #mostBytes: number;
  readonly #longestUs: number;
  readonly held: Held[] = [];
  #bytes = 0;
  #layouts = new Map<number, RecordLayout>();

  constructor(mostBytes: number, longestUs: number) {
    this.#mostBytes = mostBytes;
    this.#longestUs = longestUs;
  }

  add({ rows, used, layouts, forget }: Batch): void {
    if (used === 0) return;
    if (forget) this.#layouts = new Map();
    if (layouts.length > 0) {
      this.#layouts = new Map(this.#layouts);
      for (const { id, layout } of layouts) this.#layouts.set(id, layout);
    }
    let lastSequence = 0;
    for (let at = 0; at < used; at += HEADER_SLOTS + rows[at + VALUE_SLOTS]!)
      lastSequence = rows[at + SEQUENCE]!;
    // What was not used of its memory is not worth holding.
    this.held.push({ rows: rows.slice(0, used), used, layouts: this.#layouts, lastSequence });
    this.#bytes += used * BYTES_PER_SLOT;
    const nowUs = rows[UNIX_US]!;
    while (this.held.length > 1 && this.#isTooMuch(nowUs)) this.#drop();
  }

  /** Snapshots before that number are wanted by nobody. */
  release(sequence: number): void {
    while (this.held.length > 0 && this.held[0]!.lastSequence < sequence) this.#drop();
  }

  #isTooMuch(nowUs: number): boolean {
    return this.#bytes > this.#mostBytes || nowUs - this.held[0]!.rows[UNIX_US]! > this.#longestUs;
  }

  #drop(): void {
    this.#bytes -= (this.held.shift()?.used ?? 0) * BYTES_PER_SLOT;
  }
}

/** Snapshots held in memory, as one receiver reads them. */
export class MemorySource implements SnapshotSource {
  unixUs = Number.NaN;
  sequence = Number.NaN;
  layout: RecordLayout = NO_LAYOUT;
  row: Float64Array = new Float64Array();
  skipped = 0;
  readonly #snapshots: HeldSnapshots;
  #batch: Held | undefined;
  #at = 0;
  #next = 0;

  constructor(snapshots: HeldSnapshots) {
    this.#snapshots = snapshots;
  }

  get position(): Position {
    return { journal: '', sequence: this.sequence };
  }

  seek({ sequence }: Position): void {
    this.#batch = undefined;
    this.#next = sequence;
  }

  next(): boolean {
    for (;;) {
      if (this.#batch === undefined || this.#at >= this.#batch.used) {
        this.#batch = this.#snapshots.held.find(({ lastSequence }) => lastSequence >= this.#next);
        this.#at = 0;
        if (this.#batch === undefined) return false;
      }
      if (this.#read(this.#batch)) return true;
    }
  }

  #read({ rows, layouts }: Held): boolean {
    const at = this.#at;
    const slots = rows[at + VALUE_SLOTS]!;
    this.#at = at + HEADER_SLOTS + slots;
    const sequence = rows[at + SEQUENCE]!;
    const layout = layouts.get(rows[at + LAYOUT_ID]!);
    if (sequence < this.#next || layout === undefined) return false;
    if (!Number.isNaN(this.sequence)) this.skipped += sequence - this.#next;
    this.#next = sequence + 1;
    this.sequence = sequence;
    this.unixUs = rows[at + UNIX_US]!;
    this.layout = layout;
    this.row = rows.subarray(at + HEADER_SLOTS, at + HEADER_SLOTS + slots);
    return true;
  }
}

import type { RecordLayout } from '../../records/layout.ts';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { slotsOfParts, writeParts } from '../../records/parts.ts';
import { HEADER_SLOTS, LAYOUT_ID, SEQUENCE, UNIX_US, VALUE_SLOTS } from './row_header.ts';

const INITIAL_SLOTS = 4 * 1024;
/** After this many batches in a row that used little of their memory, it is halved. */
const MOST_SMALL = 10;
const SMALL_SHARE = 0.25;
/** One is filled while one or two are written; more come back after the disk was slow. */
const MOST_SPARE = 2;
/** Layouts that are remembered from batch to batch, before all are sent again. */
const MOST_LAYOUTS = 512;

/** Snapshots on their way to the thread that writes them. */
export interface Batch {
  /** One snapshot behind another: a header, then the row of its layout. */
  readonly rows: Float64Array<ArrayBuffer>;
  /** How far into them there are any. */
  readonly used: number;
  readonly count: number;
  /** Layouts that no batch before has told. */
  readonly layouts: readonly { readonly id: number; readonly layout: RecordLayout }[];
  /** Whether layouts that were told before are not meant any more. */
  readonly forget: boolean;
}

/** Collects snapshots as rows of numbers, to be handed to another thread in one piece. */
export class SnapshotBatch {
  count = 0;
  #rows = new Float64Array(INITIAL_SLOTS);
  /** Memory of batches that have been written. As garbage, megabytes a second would wait for the collector. */
  #spare: Float64Array<ArrayBuffer>[] = [];
  #small = 0;
  #used = 0;
  #ids = new Map<RecordLayout, number>();
  #told: { id: number; layout: RecordLayout }[] = [];
  #nextId = 0;
  #forget = false;

  get byteLength(): number {
    return this.#used * Float64Array.BYTES_PER_ELEMENT;
  }

  add(snapshot: PackedSnapshot): void {
    const slots = slotsOfParts(snapshot.parts);
    this.#reserve(HEADER_SLOTS + slots);
    const rows = this.#rows;
    const at = this.#used;
    rows[at + LAYOUT_ID] = this.#layoutId(snapshot.layout);
    rows[at + VALUE_SLOTS] = slots;
    rows[at + UNIX_US] = snapshot.moment.unixUs;
    rows[at + SEQUENCE] = snapshot.sequence;
    this.#used = writeParts(snapshot.parts, rows, at + HEADER_SLOTS);
    this.count++;
  }

  /** What was collected, to be given away. */
  take(): Batch {
    const batch: Batch = {
      rows: this.#rows,
      used: this.#used,
      count: this.count,
      layouts: this.#told,
      forget: this.#forget,
    };
    const slots = this.#slotsOfNext();
    this.#rows = this.#spare.pop() ?? new Float64Array(slots);
    this.#used = 0;
    this.count = 0;
    this.#told = [];
    this.#forget = false;
    if (this.#ids.size > MOST_LAYOUTS) this.tellAnew();
    return batch;
  }

  /** The rows of a batch that nobody looks at any more: their memory serves another. */
  giveBack(rows: Float64Array<ArrayBuffer>): void {
    if (rows.length === this.#rows.length && this.#spare.length < MOST_SPARE) this.#spare.push(rows);
  }

  #slotsOfNext(): number {
    const slots = this.#rows.length;
    this.#small = this.#used < slots * SMALL_SHARE ? this.#small + 1 : 0;
    if (this.#small < MOST_SMALL || slots === INITIAL_SLOTS) return slots;
    this.#small = 0;
    this.#spare = [];
    return slots / 2;
  }

  /** Layouts that were told before count no more: there are too many, or a batch that told some was lost. */
  tellAnew(): void {
    this.#forget = true;
    this.#ids = new Map();
  }

  #layoutId(layout: RecordLayout): number {
    let id = this.#ids.get(layout);
    if (id === undefined) {
      id = this.#nextId++;
      this.#ids.set(layout, id);
      this.#told.push({ id, layout });
    }
    return id;
  }

  #reserve(slots: number): void {
    const needed = this.#used + slots;
    if (needed <= this.#rows.length) return;
    let length = this.#rows.length;
    while (length < needed) length *= 2;
    const larger = new Float64Array(length);
    larger.set(this.#rows.subarray(0, this.#used));
    this.#rows = larger;
    this.#spare = [];
  }
}

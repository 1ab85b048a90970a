import type { RecordLayout } from '../../records/layout.ts';
import { HEADER_SLOTS, LAYOUT_ID, VALUE_SLOTS } from './row_header.ts';
import type { Batch } from './snapshot_batch.ts';
import type { SnapshotRows } from './snapshot_rows.ts';

type Block = Float64Array<ArrayBuffer>;

/** Half a megabyte: about two hundred snapshots. */
const BLOCK_SLOTS = 64 * 1024;
/** Of all journals together; beyond that, reading one back is the lesser evil. */
const MOST_BLOCKS = 128;

/** Memory for rows, used again and again: as garbage it would grow until the collector came to it. */
export class RowBlocks {
  readonly #most: number;
  readonly #free: Block[] = [];
  #blocks = 0;

  constructor(most = MOST_BLOCKS) {
    this.#most = most;
  }

  /** A block with at least the given slots; undefined when there are as many blocks as there may be. */
  take(slots: number): Block | undefined {
    const free = slots <= BLOCK_SLOTS ? this.#free.pop() : undefined;
    if (free !== undefined || this.#blocks >= this.#most) return free;
    this.#blocks++;
    return new Float64Array(Math.max(slots, BLOCK_SLOTS));
  }

  giveBack(blocks: readonly Block[]): void {
    const usual = blocks.filter(({ length }) => length === BLOCK_SLOTS);
    this.#free.push(...usual);
    this.#blocks -= blocks.length - usual.length;
  }

  /** Some blocks are not given back because someone may still look at them. */
  writeOff(blocks: readonly Block[]): void {
    this.#blocks -= blocks.length;
  }
}

interface Run extends SnapshotRows {
  count: number;
}

/** What a journal holds, as it was before it was written: sealed from here, nothing has to be read and decoded. */
export class HeldSnapshots {
  readonly #pool: RowBlocks;
  #blocks: Block[] = [];
  #runs: Run[] = [];
  #used = 0;
  #isComplete = true;

  constructor(pool: RowBlocks) {
    this.#pool = pool;
  }

  /** Everything there is by now; undefined when that is not all that is in the journal. */
  get snapshots(): readonly SnapshotRows[] | undefined {
    return this.#isComplete ? this.#runs.map((run) => ({ ...run })) : undefined;
  }

  addBatch({ rows, used }: Batch, layoutOf: (id: number) => RecordLayout | undefined): void {
    for (let at = 0; at < used; ) {
      const id = rows[at + LAYOUT_ID]!;
      const stride = HEADER_SLOTS + rows[at + VALUE_SLOTS]!;
      let end = at + stride;
      while (end < used && rows[end + LAYOUT_ID] === id) end += stride;
      const layout = layoutOf(id);
      if (layout !== undefined) this.#add(layout, rows.subarray(at, end), stride);
      at = end;
    }
  }

  /** Takes consecutive snapshots of one layout, in pieces that blocks have room for. */
  #add(layout: RecordLayout, rows: Float64Array, stride: number): void {
    for (let at = 0; at < rows.length && this.#isComplete; ) {
      const block = this.#blockFor(stride);
      if (block === undefined) return;
      const count = Math.min(Math.floor((block.length - this.#used) / stride), (rows.length - at) / stride);
      block.set(rows.subarray(at, at + count * stride), this.#used);
      const run = this.#used === 0 ? undefined : this.#runs.at(-1);
      if (run?.layout === layout) run.count += count;
      else this.#runs.push({ layout, rows: block.subarray(this.#used), stride, count });
      this.#used += count * stride;
      at += count * stride;
    }
  }

  /** A block with room for the given slots; undefined, and nothing is held any more, where there is none. */
  #blockFor(slots: number): Block | undefined {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#used + slots <= last.length) return last;
    const block = this.#pool.take(slots);
    if (block === undefined) {
      this.abandon();
      return undefined;
    }
    this.#blocks.push(block);
    this.#used = 0;
    return block;
  }

  /** Gives the memory back: nobody looks at it any more. */
  release(): void {
    this.#pool.giveBack(this.#blocks);
    this.#forget();
  }

  /** Not everything is here, so the journal has to be read; what is here may still be looked at. */
  abandon(): void {
    this.#pool.writeOff(this.#blocks);
    this.#forget();
  }

  #forget(): void {
    this.#blocks = [];
    this.#runs = [];
    this.#isComplete = false;
  }
}

import type { RecordLayout } from '../shared/records/layout.ts';
import { BATCH_HEADER_SLOTS, type Batch, LAYOUT, SLOTS, UNIX_US } from './snapshot_batch.ts';
import type { SnapshotRows } from './snapshot_rows.ts';

/** Half a megabyte: about two hundred snapshots, and enough for one of any machine. */
const BLOCK_SLOTS = 64 * 1024;
/** Of all journals together; beyond that, reading one back is the lesser evil. */
const MOST_BLOCKS = 128;

/** Memory for rows, used again and again: as garbage it would grow until the collector came to it. */
export class RowBlocks {
  readonly #free: Float64Array<ArrayBuffer>[] = [];
  #blocks = 0;

  /** Undefined when there are as many as there may be. */
  take(): Float64Array<ArrayBuffer> | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#blocks === MOST_BLOCKS) return free;
    this.#blocks++;
    return new Float64Array(BLOCK_SLOTS);
  }

  giveBack(blocks: readonly Float64Array<ArrayBuffer>[]): void {
    this.#free.push(...blocks);
  }
}

/** What a journal holds, as it was before it was written: sealed from here, nothing has to be read and decoded. */
export class HeldSnapshots {
  readonly #pool: RowBlocks;
  #blocks: Float64Array<ArrayBuffer>[] = [];
  #runs: { layout: RecordLayout; block: Float64Array; from: number; stride: number; count: number }[] = [];
  #used = BLOCK_SLOTS;
  #isComplete = true;

  constructor(pool: RowBlocks) {
    this.#pool = pool;
  }

  /** Whether everything that was appended to the journal is here, too. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  add({ rows }: Batch, layoutOf: (id: number) => RecordLayout | undefined): void {
    for (let at = 0; at < rows.length && this.#isComplete; ) {
      const layout = layoutOf(rows[at + LAYOUT]!);
      const stride = BATCH_HEADER_SLOTS + rows[at + SLOTS]!;
      if (layout !== undefined) this.#hold(layout, rows.subarray(at, at + stride));
      at += stride;
    }
  }

  /** Gives the memory away; the journal has to be read. */
  release(): void {
    this.#pool.giveBack(this.#blocks);
    this.#blocks = [];
    this.#runs = [];
    this.#used = BLOCK_SLOTS;
    this.#isComplete = false;
  }

  *rows(): Generator<SnapshotRows> {
    for (const { layout, block, from, stride, count } of this.#runs) {
      yield { layout, rows: block.subarray(from + UNIX_US), stride, count };
    }
  }

  #hold(layout: RecordLayout, row: Float64Array): void {
    if (this.#used + row.length > BLOCK_SLOTS) {
      const block = row.length <= BLOCK_SLOTS ? this.#pool.take() : undefined;
      if (block === undefined) {
        this.release();
        return;
      }
      this.#blocks.push(block);
      this.#used = 0;
    }
    const block = this.#blocks.at(-1)!;
    block.set(row, this.#used);
    const run = this.#runs.at(-1);
    if (this.#used > 0 && run?.layout === layout) run.count++;
    else this.#runs.push({ layout, block, from: this.#used, stride: row.length, count: 1 });
    this.#used += row.length;
  }
}

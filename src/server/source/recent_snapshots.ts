import type { Moment } from '../../base/timestamps.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { slotsOfParts, splitParts, writeParts } from '../../records/parts.ts';
import { hasHad, type Position } from '../../records/position.ts';

const LONGEST_MS = 60_000;
/** At a thousand snapshots a second a minute would take more than a hundred megabytes. */
const MOST_SLOTS = 1024 * 1024;
const BLOCK_SLOTS = 32 * 1024;

/** A snapshot whose row is in a block. */
interface Entry {
  readonly sequence: number;
  readonly moment: Moment;
  readonly layout: RecordLayout;
  readonly start: number;
  readonly end: number;
}

/**
 * Rows one behind another in one piece of memory: kept one by one they would keep the garbage collector busy, and
 * so would fresh memory every few moments. A block that is let go is filled anew.
 */
interface Block {
  readonly rows: Float64Array;
  entries: Entry[];
  used: number;
  filledMs: number;
}

/** The snapshots of the last minute, in memory, for those who come a little late. */
export class RecentSnapshots {
  readonly #blocks: Block[] = [];
  #spare: Block | undefined;

  /** Whose the oldest snapshot is. */
  get first(): { readonly sequence: number; readonly timestamp: string } | undefined {
    const entry = this.#blocks[0]?.entries[0];
    return entry && headerOf(entry);
  }

  add(snapshots: readonly PackedSnapshot[]): void {
    for (const { sequence, moment, layout, parts } of snapshots) {
      const block = this.#blockFor(slotsOfParts(parts));
      const start = block.used;
      block.used = writeParts(parts, block.rows, start);
      block.entries.push({ sequence, moment, layout, start, end: block.used });
    }
  }

  /** Whether nothing between the position and the oldest snapshot is missing, as far as this run goes. */
  reachesBackTo(position: Position): boolean {
    const { first } = this;
    if (first === undefined || first.sequence === 0) return true;
    if ('sequence' in position) return first.sequence <= position.sequence + 1;
    return first.timestamp <= position.timestamp;
  }

  /** Snapshots behind a position, up to a maximum. */
  after(position: Position, most: number): PackedSnapshot[] {
    const found: PackedSnapshot[] = [];
    for (const block of this.#blocks) {
      if (hasHad(position, headerOf(block.entries.at(-1)!))) continue;
      for (const entry of block.entries) {
        if (found.length === most) return found;
        if (!hasHad(position, headerOf(entry))) found.push(snapshotOf(block, entry));
      }
    }
    return found;
  }

  #blockFor(slots: number): Block {
    const nowMs = performance.now();
    let block = this.#blocks.at(-1);
    if (block === undefined || block.used + slots > block.rows.length) {
      this.#letGo(nowMs);
      block = this.#emptyBlock(Math.max(BLOCK_SLOTS, slots));
      this.#blocks.push(block);
    }
    block.filledMs = nowMs;
    return block;
  }

  /** Lets go of what is too old or too much, a block at a time. */
  #letGo(nowMs: number): void {
    let slots = this.#blocks.reduce((sum, block) => sum + block.rows.length, BLOCK_SLOTS);
    for (let oldest = this.#blocks[0]; oldest !== undefined; oldest = this.#blocks[0]) {
      if (nowMs - oldest.filledMs <= LONGEST_MS && slots <= MOST_SLOTS) return;
      slots -= oldest.rows.length;
      this.#spare = this.#blocks.shift();
    }
  }

  #emptyBlock(slots: number): Block {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined || spare.rows.length !== slots) {
      return { rows: new Float64Array(slots), entries: [], used: 0, filledMs: 0 };
    }
    spare.entries = [];
    spare.used = 0;
    return spare;
  }
}

function headerOf({ sequence, moment }: Entry): { sequence: number; timestamp: string } {
  return { sequence, timestamp: moment.text };
}

/** With a row of its own, because the recipient may be slower than the block is refilled. */
function snapshotOf({ rows }: Block, { sequence, moment, layout, start, end }: Entry): PackedSnapshot {
  // What was joined of parts can be split into them again.
  const parts = splitParts({ layout, row: rows.slice(start, end) })!;
  return new PackedSnapshot(sequence, moment, parts);
}

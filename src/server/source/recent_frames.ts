import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';

const LONGEST_MS = 60_000;
/** At a thousand snapshots a second a minute would take hundreds of megabytes. */
const MOST_BYTES = 8 * 1024 * 1024;
const BLOCK_BYTES = 256 * 1024;

export interface RecentFrame {
  readonly sequence: number;
  readonly timestamp: string;
  readonly frame: Uint8Array;
}

/** Where in the stream a client is: behind a sequence number of this run, or behind a time of whatever run. */
export type Position = { readonly sequence: number } | { readonly timestamp: string };

/**
 * Frames one behind another in one piece of memory: kept one by one they would keep the garbage collector busy, and
 * so would fresh memory every few moments. A block that is let go is filled anew.
 */
interface Block {
  readonly bytes: Uint8Array;
  frames: { sequence: number; timestamp: string; start: number; end: number }[];
  used: number;
  filledMs: number;
}

/** The frames of the last minute, in memory, for those who come a little late. */
export class RecentFrames {
  readonly #blocks: Block[] = [];
  #spare: Block | undefined;

  /** The oldest frame there is. */
  get first(): RecentFrame | undefined {
    const block = this.#blocks[0];
    return block === undefined ? undefined : frameOf(block, 0);
  }

  get last(): RecentFrame | undefined {
    const block = this.#blocks.at(-1);
    return block === undefined ? undefined : frameOf(block, block.frames.length - 1);
  }

  add(snapshots: readonly EncodedSnapshot[]): void {
    for (const { sequence, timestamp, frame } of snapshots) {
      const block = this.#blockFor(frame.length);
      const end = block.used + frame.length;
      block.bytes.set(frame, block.used);
      block.frames.push({ sequence, timestamp, start: block.used, end });
      block.used = end;
    }
  }

  /** Whether nothing between the position and the oldest frame is missing, as far as this run goes. */
  reachesBackTo(position: Position): boolean {
    const { first } = this;
    if (first === undefined || first.sequence === 0) return true;
    if ('sequence' in position) return first.sequence <= position.sequence + 1;
    return first.timestamp <= position.timestamp;
  }

  /** Frames behind a position, up to a maximum. */
  after(position: Position, most: number): RecentFrame[] {
    const found: RecentFrame[] = [];
    for (const block of this.#blocks) {
      if (isBehind(position, block.frames.at(-1)!)) continue;
      for (let i = 0; i < block.frames.length && found.length < most; i++) {
        if (!isBehind(position, block.frames[i]!)) found.push(frameOf(block, i));
      }
      if (found.length === most) break;
    }
    return found;
  }

  #blockFor(bytes: number): Block {
    const nowMs = performance.now();
    let block = this.#blocks.at(-1);
    if (block === undefined || block.used + bytes > block.bytes.length) {
      this.#letGo(nowMs);
      block = this.#emptyBlock(Math.max(BLOCK_BYTES, bytes));
      this.#blocks.push(block);
    }
    block.filledMs = nowMs;
    return block;
  }

  /** Lets go of what is too old or too much, a block at a time. */
  #letGo(nowMs: number): void {
    let bytes = this.#blocks.reduce((sum, block) => sum + block.bytes.length, BLOCK_BYTES);
    for (let oldest = this.#blocks[0]; oldest !== undefined; oldest = this.#blocks[0]) {
      if (nowMs - oldest.filledMs <= LONGEST_MS && bytes <= MOST_BYTES) return;
      bytes -= oldest.bytes.length;
      this.#spare = this.#blocks.shift();
    }
  }

  #emptyBlock(bytes: number): Block {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined || spare.bytes.length !== bytes) {
      return { bytes: new Uint8Array(bytes), frames: [], used: 0, filledMs: 0 };
    }
    spare.frames = [];
    spare.used = 0;
    return spare;
  }
}

/** A copy, because the recipient may be slower than the block is refilled. */
function frameOf(block: Block, index: number): RecentFrame {
  const { sequence, timestamp, start, end } = block.frames[index]!;
  return { sequence, timestamp, frame: block.bytes.slice(start, end) };
}

/** Whether a client at that position has had the frame. */
function isBehind(position: Position, frame: { sequence: number; timestamp: string }): boolean {
  return 'sequence' in position ? frame.sequence <= position.sequence : frame.timestamp <= position.timestamp;
}

import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JournalWriter } from '../journal/journal.ts';
import type { Segment } from '../segments/manifest.ts';
import type { SealingProcess } from './sealing_process.ts';

/** Early seals for queries take at most this share of the time; a query waits for its turn. */
const MOST_SHARE = 0.5;
/** Each query adds what is new as segments of its own; when there are more, all is sealed anew as one. */
const MOST_PARTS = 8;

/** The journal under way as segments, made for a query; not in the manifest, gone when the journal is sealed. */
export class EarlySeal {
  readonly #dataDir: string;
  readonly #sealing: SealingProcess;
  /** The journal, how far into it there are segments, and those: one list for each part. */
  #journal: JournalWriter | undefined;
  #toBytes = 0;
  #parts: (readonly Segment[])[] = [];
  #made = 0;
  #madeMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;

  constructor(dataDir: string, sealing: SealingProcess) {
    this.#dataDir = dataDir;
    this.#sealing = sealing;
  }

  get segments(): readonly Segment[] {
    return this.#parts.flat();
  }

  /** Waits until another may be made. */
  async turn(): Promise<void> {
    const waitMs = this.#madeMs + this.#tookMs / MOST_SHARE - performance.now();
    if (waitMs > 0) await delay(waitMs);
  }

  /** Adds what the journal has grown by; returns the segments that are out of use now. */
  async renew(journal: JournalWriter): Promise<readonly Segment[]> {
    const isAnew = journal !== this.#journal || this.#parts.length >= MOST_PARTS;
    const toBytes = journal.bytes;
    if (!isAnew && toBytes === this.#toBytes) return [];
    this.#madeMs = performance.now();
    const { segments } = await this.#sealing.seal({
      dataDir: this.#dataDir,
      stem: `p-${basename(journal.path, '.hzj')}-${this.#made++}`,
      journal: journal.path,
      ...(!isAnew && { fromBytes: this.#toBytes }),
      toBytes,
    });
    const before = isAnew ? this.segments : [];
    this.#parts = isAnew ? [segments] : [...this.#parts, segments];
    this.#journal = journal;
    this.#toBytes = toBytes;
    this.#tookMs = performance.now() - this.#madeMs;
    return before;
  }

  /** The journal is sealed for good; returns the segments that are out of use now. */
  end(): readonly Segment[] {
    const before = this.segments;
    this.#parts = [];
    this.#journal = undefined;
    return before;
  }
}

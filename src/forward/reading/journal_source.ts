import { US_PER_MS } from '../../base/units.ts';
import type { JournalTail } from '../../history/journal/journal_tail.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { isRecord } from '../../wire/packing/message_pack.ts';
import { type LayoutMemory, RecordsReader } from '../../wire/records/records_reader.ts';
import { byAge, isSameRun, type Journals, runStartMs } from './journals.ts';
import { NO_LAYOUT, type Position, type SnapshotSource } from './snapshot_source.ts';

/** History begins its run so much before sending begins, at most. */
const SAME_START_MS = 10_000;

/** Snapshots read back from the journals of history, behind whoever writes them. */
export class JournalSource implements SnapshotSource {
  unixUs = Number.NaN;
  sequence = Number.NaN;
  layout: RecordLayout = NO_LAYOUT;
  row = new Float64Array();
  skipped = 0;
  readonly #journals: Journals;
  readonly #memory: LayoutMemory = new Map();
  #reader = new RecordsReader(this.#memory);
  #tail: JournalTail | undefined;
  #name = '';
  /** What was read of it and not looked at yet. */
  #frames: Uint8Array[] = [];
  #frame = 0;
  /** Snapshots before it are passed over: by number in the journal it names, by time elsewhere. */
  #from: Position | undefined;
  #fromUs: number;
  /** What the number of the next is to be, and in the run of which journal. */
  #expected: Position | undefined;
  /** Memory of the row before the latest, which is used again. */
  #spare = new Float64Array();

  /** @param fromUs Unix microseconds of the first snapshot wanted, until somebody seeks */
  constructor(journals: Journals, fromUs: number) {
    this.#journals = journals;
    this.#fromUs = fromUs;
  }

  get position(): Position {
    return { journal: this.#name, sequence: this.sequence };
  }

  seek(position: Position): void {
    this.#close();
    this.#name = '';
    this.#from = position;
    this.#fromUs = Number.NEGATIVE_INFINITY;
    this.#expected = position;
  }

  next(): boolean {
    for (;;) {
      while (this.#frame < this.#frames.length) if (this.#read(this.#frames[this.#frame++]!)) return true;
      if (!this.#readOn()) return false;
    }
  }

  /** More frames, of this journal or, where it has ended, of the next; false when there are none for now. */
  #readOn(): boolean {
    if (this.#take(false)) return true;
    for (let later = this.#later(); later !== undefined; later = this.#later()) {
      // It may have been appended to until the other began.
      if (this.#take(true)) return true;
      this.#close();
      this.#name = later;
      this.#tail = this.#journals.open(later);
      this.#reader = new RecordsReader(this.#memory);
      if (this.#take(false)) return true;
    }
    return false;
  }

  #take(isEnded: boolean): boolean {
    this.#frames = this.#tail?.read(isEnded) ?? [];
    this.#frame = 0;
    return this.#frames.length > 0;
  }

  /** The journal after the one being read, if there is one by now. */
  #later(): string | undefined {
    if (this.#name !== '') return this.#journals.names().find((name) => byAge(name, this.#name) > 0);
    const from = this.#from;
    if (from !== undefined) return this.#journals.names().find((name) => byAge(name, from.journal) >= 0);
    return this.#journals.namesSince(this.#fromUs / US_PER_MS)[0];
  }

  #read(frame: Uint8Array): boolean {
    const reader = this.#reader;
    if (!isRecord(frame)) {
      this.#learn(frame);
      return false;
    }
    const known = reader.open(frame);
    const { unixUs, sequence } = reader;
    if (known === undefined || !Number.isFinite(unixUs) || this.#isBefore(unixUs, sequence)) return false;
    const row = this.#spare.length === known.slots ? this.#spare : new Float64Array(known.slots);
    if (!reader.read(row, 0)) return false;
    this.#spare = this.row;
    this.row = row;
    this.layout = known.layout;
    this.unixUs = unixUs;
    this.sequence = sequence;
    this.#countSkipped();
    return true;
  }

  #isBefore(unixUs: number, sequence: number): boolean {
    if (this.#from?.journal === this.#name) return sequence < this.#from.sequence;
    // A run that began since then has nothing older, even if the clock was set back after it had.
    const isOlderRun = runStartMs(this.#name) < this.#fromUs / US_PER_MS - SAME_START_MS;
    return this.#from === undefined && isOlderRun && unixUs < this.#fromUs;
  }

  #countSkipped(): void {
    const { sequence } = this;
    const expected = this.#expected;
    if (expected !== undefined && isSameRun(expected.journal, this.#name) && sequence > expected.sequence)
      this.skipped += sequence - expected.sequence;
    this.#expected = { journal: this.#name, sequence: sequence + 1 };
  }

  /** What is neither a record nor says what records mean is of no use here. */
  #learn(frame: Uint8Array): void {
    try {
      this.#reader.learn(frame);
    } catch {
      // Its checksum is right, so it was written by another version; its records cannot be read either.
    }
  }

  #close(): void {
    this.#tail?.close();
    this.#tail = undefined;
    this.#frames = [];
    this.#frame = 0;
  }
}

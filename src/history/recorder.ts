import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { errorMessage } from '../shared/errors.ts';
import { Backlog } from './backlog.ts';
import { BatchEncoder } from './batch_encoder.ts';
import { Compactor } from './compactor.ts';
import { EarlySeal } from './early_seal.ts';
import { HeldSnapshots, RowBlocks } from './held_snapshots.ts';
import { JournalWriter, readJournal } from './journal.ts';
import { snapshotsIn } from './journal_snapshots.ts';
import type { Segment } from './manifest.ts';
import type { HistorySettings, JournalFile, WriterStatus } from './messages.ts';
import { expired } from './retention.ts';
import { Sealer } from './sealer.ts';
import type { Batch } from './snapshot_batch.ts';
import type { SnapshotRows } from './snapshot_rows.ts';
import { Store } from './store.ts';

/** A journal that has ended and is not in segments yet. */
interface Unsealed {
  /** What it holds, where that is known without reading it. */
  readonly held?: HeldSnapshots;
  /** Whether it was full before its minute was over. */
  readonly isFull: boolean;
}

/** Keeps history on disk: journal, seal, compact, forget. Lives in a thread of its own, which may wait. */
export class Recorder {
  readonly #settings: HistorySettings;
  readonly #store: Store;
  readonly #sealer = new Sealer();
  #journal: JournalWriter | undefined;
  #minute = Number.NaN;
  #journals = 0;
  readonly #encoder = new BatchEncoder();
  readonly #backlog = new Backlog();
  readonly #blocks = new RowBlocks();
  /** What the journal under way holds. */
  #held = new HeldSnapshots(this.#blocks);
  #trouble: string | undefined;
  readonly #unsealed = new Map<string, Unsealed>();
  /** Names no other process has given its journals, whatever its process id: containers give all the same. */
  readonly #run = `${Date.now()}.${randomBytes(3).toString('hex')}`;
  /** Whatever changes segments runs one after another. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #early: EarlySeal;
  readonly #compactor: Compactor;

  constructor(settings: HistorySettings) {
    this.#settings = settings;
    this.#store = new Store(settings.dataDir);
    this.#early = new EarlySeal(settings.dataDir, this.#sealer);
    this.#compactor = new Compactor(settings, this.#run, {
      segments: () => this.#store.segments,
      merged: (inputs, outputs) => this.#enqueue(() => this.#replace(inputs, outputs)),
      damaged: (files) => this.condemn(files),
      failed: (message) => {
        this.#trouble = `history is not compacted: ${message}`;
      },
    });
  }

  get status(): WriterStatus {
    const status: WriterStatus = {
      state: this.#trouble === undefined ? 'recording' : 'failing',
      lostSnapshots: this.#backlog.lost,
      segments: this.#store.segments.length,
      bytes: this.#store.bytes,
      journalBytes: this.#journal?.bytes ?? 0,
      damagedFiles: this.#store.damagedFiles,
    };
    if (this.#trouble !== undefined) status.message = this.#trouble;
    return status;
  }

  /** Takes over what an earlier process left. Its journals are sealed beside the recording that has begun. */
  recover(): void {
    this.#store.open();
    for (const name of this.#store.journals()) this.#sealLater(name, { isFull: false });
    void this.#enqueue(() => this.#tidy());
  }

  /** Appends the snapshots of one minute and makes them last; while the disk refuses they wait, within bounds. */
  append(minute: number, batch: Batch): void {
    const isNext = this.#backlog.isEmpty;
    this.#backlog.add(this.#encoder.encode(batch), batch.count);
    try {
      const isFull = (this.#journal?.bytes ?? 0) > this.#settings.journalBytes;
      if (minute !== this.#minute || isFull) this.#rotate(minute);
      this.#journal ??= new JournalWriter(this.#store.journalPath(this.#journalName(minute)));
      this.#backlog.writeTo(this.#journal);
      if (isNext) this.#held.addBatch(batch, (id) => this.#encoder.layoutOf(id));
      else this.#held.abandon();
      this.#trouble = undefined;
    } catch (error) {
      this.#held.abandon();
      this.#trouble = `history waits for the disk: ${errorMessage(error)}`;
    }
  }

  /** All segments there are, with the minute under way among them. */
  segments(): Promise<readonly Segment[]> {
    return this.#enqueue(async () => {
      await this.#early.turn();
      // A minute may end while another is being sealed, and its rows must not be missing.
      for (let [journal] = this.#unsealed.keys(); journal !== undefined; [journal] = this.#unsealed.keys())
        await this.#seal(journal);
      await this.#sealEarly();
      return [...this.#store.segments, ...this.#early.segments];
    });
  }

  /** The journals whose frames can be read, oldest first. */
  journals(): JournalFile[] {
    const store = this.#store;
    const current = this.#journal === undefined ? '' : basename(this.#journal.path);
    const describe = (name: string, path: string, elsewhere: string): JournalFile => ({
      path,
      elsewhere,
      bytes: name === current ? this.#journal!.bytes : statSync(path).size,
      fromMs: Number.parseInt(name, 10),
      own: name.includes(`-${this.#run}-`),
    });
    return [
      ...store.recent().map((name) => describe(name, store.recentPath(name), store.recentPath(name))),
      ...store.journals().map((name) => describe(name, store.journalPath(name), store.recentPath(name))),
    ];
  }

  /** Segments that cannot be read count no more; what is left of them is kept for whoever wants to look. */
  condemn(files: readonly string[]): Promise<void> {
    return this.#enqueue(() => this.#store.condemn(new Set(files), Date.now()));
  }

  /** Seals what is there and lets go of everything. A compaction under way is made another time. */
  async close(): Promise<void> {
    this.#compactor.stop();
    this.#rotate(Number.NaN);
    await this.settled();
    await this.#compactor.stopped();
    this.#store.clearDiscarded();
    this.#sealer.close();
  }

  /** When nothing is being written any more. */
  async settled(): Promise<void> {
    for (let work: unknown; work !== this.#work; ) {
      work = this.#work;
      await work;
    }
  }

  /** The journal under way ends and becomes segments; the next append begins another. */
  #rotate(minute: number): void {
    const isFull = minute === this.#minute;
    this.#minute = minute;
    const journal = this.#journal;
    this.#journal = undefined;
    const held = this.#held;
    this.#held = new HeldSnapshots(this.#blocks);
    if (journal === undefined) return;
    journal.close();
    this.#sealLater(basename(journal.path), { held, isFull });
    void this.#enqueue(() => this.#tidy());
  }

  #sealLater(journal: string, how: Unsealed): void {
    this.#unsealed.set(journal, how);
    void this.#enqueue(() => this.#seal(journal));
  }

  #journalName(minute: number): string {
    return `${minute * this.#settings.minuteMs}-${this.#run}-${this.#journals++}.hzj`;
  }

  async #seal(journal: string): Promise<void> {
    const unsealed = this.#unsealed.get(journal);
    if (unsealed === undefined) return;
    const stem = `m-${journal.replace(/\.hzj$/, '')}`;
    const snapshots = this.#snapshotsOf(this.#store.journalPath(journal), unsealed.held, true);
    let segments: Segment[];
    try {
      segments = await this.#sealer.seal(this.#settings.dataDir, stem, snapshots);
    } finally {
      // Should it have failed, memory must not fill with what is on the disk as well.
      unsealed.held?.release();
    }
    // A full one is followed by the next in a few seconds.
    if (!unsealed.isFull) await this.#sealer.rest();
    await this.#store.publishSealed(journal, segments);
    this.#unsealed.delete(journal);
    this.#store.discardLater(this.#early.end(), Date.now());
  }

  /** What a journal holds: from memory where that is complete, else read from the disk. */
  #snapshotsOf(path: string, held: HeldSnapshots | undefined, isWhole: boolean): readonly SnapshotRows[] {
    const known = held?.snapshots;
    if (known !== undefined) return known;
    const { frames, damagedBytes } = readJournal(path);
    // The end of one that is being written may only look damaged.
    if (isWhole && damagedBytes > 0) this.#store.setAside(path);
    return snapshotsIn(frames);
  }

  async #sealEarly(): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    const unused = await this.#early.renew(journal, () => this.#snapshotsOf(journal.path, this.#held, false));
    // A reader may still hold the files of the one before; what it left is removed with the next restart.
    this.#store.discardLater(unused, Date.now());
  }

  /** Forgets what is too old, removes what is out of use, and sees to hours that are over. */
  async #tidy(): Promise<void> {
    const nowMs = Date.now();
    // What could not be sealed when its minute ended is tried again with every minute.
    for (const journal of [...this.#unsealed.keys()]) await this.#seal(journal);
    // Before anything is compacted: a late minute of a forgotten hour must not replace that hour's rollups.
    await this.#forget(nowMs);
    await this.#store.collectGarbage(nowMs);
    this.#compactor.begin(nowMs);
  }

  async #forget(nowMs: number): Promise<void> {
    await this.#store.drop(expired(this.#store.segments, this.#settings, nowMs), nowMs);
  }

  async #replace(inputs: readonly Segment[], outputs: readonly Segment[]): Promise<void> {
    const nowMs = Date.now();
    await this.#store.publishCompacted(inputs, outputs, nowMs);
    await this.#forget(nowMs);
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#work.then(task);
    this.#work = done.catch((error: unknown) => {
      this.#trouble = `history waits for the disk: ${errorMessage(error)}`;
    });
    return done;
  }
}

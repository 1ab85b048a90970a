import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { errorMessage } from '../../base/errors.ts';
import { Backlog } from '../journal/backlog.ts';
import { BatchEncoder } from '../journal/batch_encoder.ts';
import { JournalWriter } from '../journal/journal.ts';
import type { JournalFile } from '../journal/journal_file.ts';
import { wasHandedOver } from '../merging/hand_over_plan.ts';
import { Merger } from '../merging/merger.ts';
import type { Batch } from '../rows/snapshot_batch.ts';
import { EarlySeal } from '../sealing/early_seal.ts';
import { SealingProcess } from '../sealing/sealing_process.ts';
import type { OutboxFile, Segment } from '../segments/manifest.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { Store } from '../segments/store.ts';
import { Forgetting } from './forgetting.ts';
import { lockDataDir } from './lock.ts';
import type { WriterStatus } from './messages.ts';
import { Troubles } from './troubles.ts';
import { UnsealedJournals } from './unsealed_journals.ts';

const TIDY_EVERY_MS = 60_000;

/** Keeps history on disk: journal, seal, merge, forget. Lives in a thread of its own, which may wait. */
export class Recorder {
  readonly #settings: HistorySettings;
  readonly #store: Store;
  readonly #sealing = new SealingProcess();
  #journal: JournalWriter | undefined;
  #period = Number.NaN;
  #journals = 0;
  readonly #encoder = new BatchEncoder();
  readonly #backlog = new Backlog();
  readonly #troubles = new Troubles();
  readonly #say: (message: string) => void;
  /** Gives the directory back; undefined while it has not been taken. */
  #unlock: (() => void) | undefined;
  /** Whether every file there has been looked at. */
  #isReconciled = false;
  /** Names no other process has given its journals, whatever its process id: containers give all the same. */
  readonly #run = `${Date.now()}.${randomBytes(3).toString('hex')}`;
  /** Whatever changes segments runs one after another. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #early: EarlySeal;
  #tidiedMs = 0;
  readonly #unsealed: UnsealedJournals;
  readonly #merger: Merger;
  readonly #forgetting: Forgetting;

  /** @param say tells the user what was found and done, a line at a time */
  constructor(settings: HistorySettings, say: (message: string) => void = () => {}) {
    this.#settings = settings;
    this.#say = say;
    this.#store = new Store(settings.dataDir, say);
    this.#early = new EarlySeal(settings.dataDir, this.#sealing);
    this.#unsealed = new UnsealedJournals(this.#store, this.#sealing, this.#troubles, say);
    this.#forgetting = new Forgetting(settings, this.#store, say);
    this.#merger = new Merger(settings, this.#run, {
      segments: () => this.#store.segments,
      toCut: () => this.#forgetting.toCut,
      unsealed: () => [...this.#unsealed.names()],
      current: () => (this.#journal === undefined ? undefined : basename(this.#journal.path)),
      outbox: () => this.#store.outbox,
      handedOver: (inputs, files) => this.#enqueue(() => this.#store.handOver(inputs, files)),
      merged: (inputs, outputs) => this.#enqueue(() => this.#replace(inputs, outputs)),
      damaged: (files) => this.condemn(files),
      wentWell: () => {
        this.#troubles.clear('merging');
      },
      failed: (message, inputs = []) => {
        this.#troubles.set('merging', `history is not merged: ${message}`);
        this.#forgetting.couldNotCut(inputs.map(({ file }) => file));
      },
    });
  }

  get status(): WriterStatus {
    const { message } = this.#troubles;
    const status: WriterStatus = {
      state: message === undefined ? 'recording' : 'failing',
      lostSnapshots: this.#backlog.lost,
      segments: this.#store.segments.length,
      bytes: this.#store.bytes,
      journalBytes: this.#journal?.bytes ?? 0,
      oldestMs: this.#store.oldestMs,
      damagedFiles: this.#store.damagedFiles,
    };
    if (message !== undefined) status.message = message;
    if (this.#settings.outbox !== undefined) status.outbox = this.#forgetting.outboxStatus;
    return status;
  }

  /**
   * Takes the directory, and over what an earlier process left there. Its journals are sealed beside the recording
   * that has begun.
   *
   * @throws HzstatError HISTORY_LOCKED; the system's errors
   */
  open(): void {
    this.#store.makeDirectories();
    this.#unlock ??= lockDataDir(this.#settings.dataDir, this.#say);
    this.#store.open();
    this.#isReconciled = false;
    void this.#enqueue(() => this.#reconcile(Date.now()));
    for (const name of this.#store.journals()) this.#sealLater(name);
    this.#tidyLater();
  }

  /**
   * Appends the snapshots of one period, which a journal covers, and makes them last; while the disk refuses they
   * wait, within bounds.
   */
  append(period: number, batch: Batch): void {
    this.#backlog.add(this.#encoder.encode(batch), batch.count);
    try {
      if (this.#unlock === undefined) this.open();
      else if (this.#journal?.isGone) this.#beginAnew();
      const isFull = (this.#journal?.bytes ?? 0) > this.#settings.journalBytes;
      if (period !== this.#period || isFull) this.#rotate(period);
      this.#journal ??= new JournalWriter(this.#store.journalPath(this.#journalName(period)));
      this.#backlog.writeTo(this.#journal);
      // Where there is room for a journal, there may be room for segments again.
      if (this.#troubles.clear('journal')) this.#unsealed.retry();
      // The clock may have been set back.
      if (Math.abs(Date.now() - this.#tidiedMs) >= TIDY_EVERY_MS) this.#tidyLater();
    } catch (error) {
      this.#troubles.set('journal', `history waits for the disk: ${errorMessage(error)}`);
    }
  }

  /** All segments there are, with the journal under way among them. */
  segments(): Promise<readonly Segment[]> {
    return this.#enqueue(async () => {
      await this.#early.turn();
      // With a full disk the answer is made of what is there.
      if (this.#unsealed.isRipe) await this.#sealAll();
      await this.#unsealed.attempt(() => this.#sealEarly());
      return [...this.#store.segments, ...this.#early.segments];
    });
  }

  /** The journals whose frames can be read, oldest first. */
  journals(): JournalFile[] {
    const store = this.#store;
    if (this.#unlock === undefined) return [];
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

  /** What waits to be taken away, oldest first. */
  outbox(): readonly OutboxFile[] {
    return [...this.#store.outbox].sort((a, b) => a.fromMs - b.fromMs);
  }

  /** Files of the outbox were taken away. */
  takenAway(files: readonly string[]): Promise<void> {
    return this.#enqueue(() => this.#store.takeFromOutbox(new Set(files)));
  }

  /** Segments that cannot be read count no more; what is left of them is kept for examination. */
  condemn(files: readonly string[]): Promise<void> {
    return this.#enqueue(() => this.#store.condemn(new Set(files), Date.now()));
  }

  /** Seals what is there and lets go of everything. A merge under way is made another time. */
  async close(): Promise<void> {
    this.#merger.stop();
    this.#rotate(Number.NaN);
    await this.#settled();
    await this.#merger.stopped();
    this.#store.clearDiscarded();
    this.#sealing.close();
    this.#unlock?.();
  }

  /** When nothing is being written any more. */
  async #settled(): Promise<void> {
    for (let work: unknown; work !== this.#work; ) {
      work = this.#work;
      await work;
    }
  }

  /** The journal under way ends and becomes segments; the next append begins another. */
  #rotate(period: number): void {
    this.#period = period;
    const journal = this.#journal;
    this.#journal = undefined;
    if (journal === undefined) return;
    journal.close();
    this.#sealLater(basename(journal.path));
    this.#tidyLater();
  }

  #sealLater(journal: string): void {
    this.#unsealed.add(journal);
    void this.#enqueue(() => this.#seal(journal));
  }

  #journalName(period: number): string {
    return `${period * this.#settings.journalMs}-${this.#run}-${this.#journals++}.hzj`;
  }

  /** The directory was removed: what was in it is gone, what comes now is kept in a new one. */
  #beginAnew(): void {
    const { dataDir } = this.#settings;
    this.#say(`${dataDir} was removed while it was recorded to; it is made anew, and what was in it is gone`);
    this.#journal?.close();
    this.#journal = undefined;
    this.#unsealed.clear();
    this.#unlock?.();
    this.#unlock = undefined;
    this.open();
  }

  /** A journal may end while another is being sealed, and its rows must not be missing. */
  async #sealAll(): Promise<void> {
    for (const journal of this.#unsealed.names()) await this.#seal(journal);
  }

  async #seal(journal: string): Promise<void> {
    if (await this.#unsealed.seal(journal)) this.#store.discardLater(this.#early.end(), Date.now());
  }

  async #sealEarly(): Promise<void> {
    const journal = this.#journal;
    if (journal === undefined) return;
    const unused = await this.#early.renew(journal);
    // A reader may still hold the files of the one before; what it left is removed with the next restart.
    this.#store.discardLater(unused, Date.now());
  }

  #tidyLater(): void {
    this.#tidiedMs = Date.now();
    void this.#enqueue(() => this.#tidy());
  }

  /** Forgets what is too old, removes what is out of use, and sees to hours that are over. */
  async #tidy(): Promise<void> {
    const nowMs = Date.now();
    if (!this.#isReconciled) await this.#reconcile(nowMs);
    // What could not be sealed when its journal ended is tried again every minute.
    await this.#sealAll();
    // Before anything is merged: a late minute of a forgotten hour must not replace that hour's rollups.
    await this.#forgetting.forget(nowMs);
    await this.#store.collectGarbage(nowMs);
    this.#merger.begin(nowMs);
  }

  async #reconcile(nowMs: number): Promise<void> {
    await this.#store.reconcile(
      nowMs,
      (sql) => this.#sealing.count(sql),
      (segment) => wasHandedOver(segment, this.#settings),
    );
    this.#isReconciled = true;
  }

  async #replace(inputs: readonly Segment[], outputs: readonly Segment[]): Promise<void> {
    const nowMs = Date.now();
    await this.#store.publishMerged(inputs, outputs, nowMs);
    await this.#forgetting.forget(nowMs);
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#work.then(task);
    this.#work = done.catch((error: unknown) => {
      this.#troubles.set('segments', `segments cannot be kept: ${errorMessage(error)}`);
    });
    return done;
  }
}

import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorMessage } from '../../base/errors.ts';
import { makeDirectory, removeFile, spillDir } from './files.ts';
import {
  EMPTY_MANIFEST,
  type Garbage,
  type Manifest,
  manifestPath,
  type OutboxFile,
  readManifest,
  type Segment,
  writeManifest,
} from './manifest.ts';
import { filesInOutbox, sweepOutbox } from './outbox.ts';
import { type Count, reconcile } from './reconciliation.ts';
import { bytesOnDisk, type Worth, worthOf } from './retention.ts';

/** Readers that were given a list of files have this long to open them after they went out of use. */
const GARBAGE_GRACE_MS = 60_000;
/** Journals that are kept though they are sealed: about an hour at ten snapshots a second. */
const MOST_RECENT_BYTES = 64 * 1024 * 1024;

const isJournal = (name: string): boolean => name.endsWith('.hzj');
const byNumbers = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/**
 * The data directory: which segments and journals there are. The manifest says what counts; what it does not list is
 * looked at before anything is done to it.
 */
export class Store {
  readonly dataDir: string;
  readonly damagedFiles: string[] = [];
  #manifest: Manifest = EMPTY_MANIFEST;
  #bytes = 0;
  #oldestMs: Readonly<Partial<Record<Worth, number>>> = {};
  #discarded: Garbage[] = [];
  #changed: Promise<void> = Promise.resolve();
  readonly #say: (message: string) => void;

  /** @param say tells the user what was found and done */
  constructor(dataDir: string, say: (message: string) => void = () => {}) {
    this.dataDir = dataDir;
    this.#say = say;
  }

  /** Makes what is not there yet of the directory. */
  makeDirectories(): void {
    const { dataDir } = this;
    for (const folder of ['journal', 'recent', 'segments', 'damaged']) {
      makeDirectory(join(dataDir, folder));
    }
  }

  get segments(): readonly Segment[] {
    return this.#manifest.segments;
  }

  /** What waits to be taken away. */
  get outbox(): readonly OutboxFile[] {
    return this.#manifest.outbox;
  }

  /** Of all segments and of what waits to be taken away together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Since when there are raw rows, those around incidents, and rollups, in Unix milliseconds. */
  get oldestMs(): Readonly<Partial<Record<Worth, number>>> {
    return this.#oldestMs;
  }

  /** Reads the manifest. Whatever else lies in the directory is looked at by {@link reconcile}. */
  open(): void {
    rmSync(spillDir(this.dataDir), { recursive: true, force: true });
    const path = manifestPath(this.dataDir);
    const manifest = readManifest(path);
    if (manifest === undefined) {
      this.setAside(path);
      this.#say('the manifest is damaged or of another version; it is made anew from the segments');
    } else {
      this.#adopt({
        ...manifest,
        segments: manifest.segments.filter((segment) => this.#exists(segment)),
        outbox: manifest.outbox.filter(({ file }) => existsSync(join(this.dataDir, file))),
      });
      for (const journal of manifest.sealedJournals) this.#keepRecent(journal);
    }
    // Where no manifest says what waits to be taken away, all of it does: it is whole, and nobody takes it twice.
    if (manifest === undefined || manifest === EMPTY_MANIFEST)
      this.#adopt({ ...this.#manifest, outbox: filesInOutbox(this.dataDir) });
    sweepOutbox(this.dataDir, this.outbox);
    this.#forgetOldJournals();
  }

  /**
   * Takes in segments the manifest does not list, and removes only what is elsewhere as a whole.
   *
   * @param wasHandedOver tells of such a segment whether somebody else had its rows before
   */
  async reconcile(
    nowMs: number,
    count: Count,
    wasHandedOver: (segment: Segment) => boolean = () => false,
  ): Promise<void> {
    const { segments, garbage } = this.#manifest;
    const leaving = new Set(garbage.map(({ file }) => file));
    const found = await reconcile(this.dataDir, segments, leaving, count);
    for (const file of found.superfluous) removeFile(join(this.dataDir, file));
    for (const { file, why } of found.doubtful) {
      this.setAside(join(this.dataDir, file), file.replaceAll('/', '_'));
      this.#say(`${file} is set aside: ${why}`);
    }
    if (found.left.length > 0) {
      const [first] = found.left;
      this.#say(
        `${found.left.length} files in segments/ are left alone, such as ${first?.file}: ${first?.why}`,
      );
    }
    if (found.adopted.length === 0) return;
    const adopted = found.adopted.map((segment) =>
      wasHandedOver(segment) ? ({ ...segment, handedOver: true } as const) : segment,
    );
    await this.#retire(new Set(found.replaced.map(({ file }) => file)), adopted, nowMs);
    this.#say(`${found.adopted.length} segments the manifest did not list are part of history again`);
  }

  /** Journals that are not in segments yet, oldest first. */
  journals(): string[] {
    const sealed = new Set(this.#manifest.sealedJournals);
    return readdirSync(join(this.dataDir, 'journal'))
      .filter((name) => isJournal(name) && !sealed.has(name))
      .sort(byNumbers);
  }

  journalPath(name: string): string {
    return join(this.dataDir, 'journal', name);
  }

  /** In one step a journal ceases to count and its segments begin to. */
  async publishSealed(journal: string, segments: readonly Segment[]): Promise<void> {
    await this.#change((before) => {
      const stillThere = before.sealedJournals.filter((name) => existsSync(this.journalPath(name)));
      return { segments: [...before.segments, ...segments], sealedJournals: [...stillThere, journal] };
    });
    this.#keepRecent(journal);
    this.#forgetOldJournals();
  }

  /** Journals that are in segments but can still be read frame by frame, oldest first. */
  recent(): string[] {
    return readdirSync(join(this.dataDir, 'recent')).filter(isJournal).sort(byNumbers);
  }

  recentPath(name: string): string {
    return join(this.dataDir, 'recent', name);
  }

  #keepRecent(journal: string): void {
    if (existsSync(this.journalPath(journal)))
      renameSync(this.journalPath(journal), this.recentPath(journal));
  }

  /** Sealed journals are kept for clients that resume the stream from a while ago, as far as there is room. */
  #forgetOldJournals(): void {
    let bytes = 0;
    for (const name of this.recent().reverse()) {
      bytes += statSync(this.recentPath(name)).size;
      if (bytes > MOST_RECENT_BYTES) removeFile(this.recentPath(name));
    }
  }

  /** In one step some segments are replaced by others that hold the same rows. */
  publishMerged(inputs: readonly Segment[], outputs: readonly Segment[], nowMs: number): Promise<void> {
    const handedOver = new Set(inputs.filter((input) => input.handedOver).map(({ table }) => table));
    const marked = outputs.map((output) =>
      handedOver.has(output.table) ? ({ ...output, handedOver: true } as const) : output,
    );
    return this.#retire(new Set(inputs.map(({ file }) => file)), marked, nowMs);
  }

  /** Segments, and files that wait to be taken away, that are no longer kept cease to count. */
  async drop(files: ReadonlySet<string>, nowMs: number): Promise<void> {
    await this.takeFromOutbox(files);
    if (this.segments.some(({ file }) => files.has(file))) await this.#retire(files, [], nowMs);
  }

  /** In one step the rows of some segments are handed over: from now on these files are to be taken away, once. */
  async handOver(inputs: readonly Segment[], outbox: readonly OutboxFile[]): Promise<void> {
    const given = new Set(inputs.map(({ file }) => file));
    await this.#change((before) => ({
      segments: before.segments.map((segment) =>
        given.has(segment.file) ? { ...segment, handedOver: true } : segment,
      ),
      outbox: [...before.outbox, ...outbox],
    }));
  }

  /** Files that were taken away, or are given up, are removed from the outbox. */
  async takeFromOutbox(files: ReadonlySet<string>): Promise<void> {
    const taken = this.outbox.filter(({ file }) => files.has(file));
    if (taken.length === 0) return;
    await this.#change(({ outbox }) => ({ outbox: outbox.filter(({ file }) => !files.has(file)) }));
    for (const { file } of taken) removeFile(join(this.dataDir, file));
  }

  /** Segments that cannot be read cease to count and are set aside, as far as there is anything left of them. */
  async condemn(files: ReadonlySet<string>, nowMs: number): Promise<void> {
    const known = this.segments.filter(({ file }) => files.has(file));
    for (const { file } of known) {
      const path = join(this.dataDir, file);
      if (existsSync(path)) this.setAside(path, file.replaceAll('/', '_'));
      else this.damagedFiles.push(`${file} (gone)`);
    }
    await this.drop(new Set(known.map(({ file }) => file)), nowMs);
  }

  /** Files that never were in the manifest and go the way of those that were. */
  discardLater(segments: readonly Segment[], nowMs: number): void {
    for (const { file } of segments) this.#discarded.push({ file, sinceMs: nowMs });
  }

  /** Removes what nobody can be reading any more, because everything ends. */
  clearDiscarded(): void {
    for (const { file } of this.#discarded) removeFile(join(this.dataDir, file));
    this.#discarded = [];
  }

  /** Removes files that have been out of use for long enough. */
  async collectGarbage(nowMs: number): Promise<void> {
    const stale = this.#discarded.filter(({ sinceMs }) => nowMs - sinceMs > GARBAGE_GRACE_MS);
    for (const { file } of stale) removeFile(join(this.dataDir, file));
    this.#discarded = this.#discarded.filter((entry) => !stale.includes(entry));
    const old = this.#manifest.garbage.filter(({ sinceMs }) => Math.abs(nowMs - sinceMs) > GARBAGE_GRACE_MS);
    if (old.length === 0) return;
    for (const { file } of old) removeFile(join(this.dataDir, file));
    await this.#change(({ garbage }) => ({ garbage: garbage.filter((entry) => !old.includes(entry)) }));
  }

  /**
   * Moves a damaged file aside, so that somebody can examine it. Where even that is not
   * possible it stays, and is named all the same.
   */
  setAside(path: string, name = basename(path)): void {
    this.#note(name, () => renameSync(path, this.#placeAside(name)));
  }

  /** The same for a file that is needed on. */
  keepCopy(path: string, name = basename(path)): void {
    this.#note(name, () => copyFileSync(path, this.#placeAside(name)));
  }

  #note(name: string, keep: () => void): void {
    try {
      keep();
      this.damagedFiles.push(name);
    } catch (error) {
      this.damagedFiles.push(`${name} (could not be set aside: ${errorMessage(error)})`);
    }
  }

  /** Below `damaged/`, without touching what lies there already. */
  #placeAside(name: string): string {
    const place = join(this.dataDir, 'damaged', name);
    for (let count = 1; ; count++) {
      const free = count === 1 ? place : `${place}.${count}`;
      if (!existsSync(free)) return free;
    }
  }

  #retire(files: ReadonlySet<string>, replacedBy: readonly Segment[], nowMs: number): Promise<void> {
    return this.#change(({ segments, garbage }) => ({
      segments: [...segments.filter(({ file }) => !files.has(file)), ...replacedBy],
      garbage: [
        ...garbage,
        ...segments.filter(({ file }) => files.has(file)).map(({ file }) => ({ file, sinceMs: nowMs })),
      ],
    }));
  }

  /** Changes follow one another, each made of what the one before has written. */
  #change(change: (before: Manifest) => Partial<Manifest>): Promise<void> {
    const changed = this.#changed.then(async () => {
      const next: Manifest = { ...this.#manifest, ...change(this.#manifest) };
      await writeManifest(manifestPath(this.dataDir), next);
      this.#adopt(next);
    });
    this.#changed = changed.catch(() => {});
    return changed;
  }

  #adopt(manifest: Manifest): void {
    this.#manifest = manifest;
    this.#bytes = bytesOnDisk(manifest);
    const oldestMs: Partial<Record<Worth, number>> = {};
    for (const segment of manifest.segments) {
      const worth = worthOf(segment);
      oldestMs[worth] = Math.min(oldestMs[worth] ?? segment.fromMs, segment.fromMs);
    }
    this.#oldestMs = oldestMs;
  }

  #exists({ file }: Segment): boolean {
    if (existsSync(join(this.dataDir, file))) return true;
    this.damagedFiles.push(`${file} (gone)`);
    return false;
  }
}

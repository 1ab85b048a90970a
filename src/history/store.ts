import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeDirectory, removeFile, spillDir, TEMPORARY_SUFFIX } from './files.ts';
import {
  EMPTY_MANIFEST,
  type Garbage,
  type Manifest,
  manifestPath,
  readManifest,
  type Segment,
  writeManifest,
} from './manifest.ts';

/** Readers that were given a list of files have this long to open them after they went out of use. */
const GARBAGE_GRACE_MS = 60_000;
/** Journals that are kept though they are sealed: about an hour at ten snapshots a second. */
const MOST_RECENT_BYTES = 64 * 1024 * 1024;

const isJournal = (name: string): boolean => name.endsWith('.hzj');
const byNumbers = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** The data directory: which segments and journals there are. Only the manifest decides what counts. */
export class Store {
  readonly dataDir: string;
  readonly damagedFiles: string[] = [];
  #manifest: Manifest = EMPTY_MANIFEST;
  #bytes = 0;
  #discarded: Garbage[] = [];
  #changed: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.dataDir = dataDir;
    for (const folder of ['journal', 'recent', 'segments', 'damaged']) {
      makeDirectory(join(dataDir, folder));
    }
  }

  get segments(): readonly Segment[] {
    return this.#manifest.segments;
  }

  /** Of all segments together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Reads the manifest and clears away what a crash left behind. */
  open(): void {
    rmSync(spillDir(this.dataDir), { recursive: true, force: true });
    const manifest = readManifest(manifestPath(this.dataDir)) ?? this.#recoverManifest();
    this.#adopt({ ...manifest, segments: manifest.segments.filter((segment) => this.#exists(segment)) });
    const known = new Set([...this.segments, ...manifest.garbage].map(({ file }) => file));
    for (const file of this.#parquetFiles()) if (!known.has(file)) removeFile(join(this.dataDir, file));
    for (const journal of manifest.sealedJournals) this.#keepRecent(journal);
    this.#forgetOldJournals();
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

  /** The frames themselves are kept for whoever wants the stream from a while ago, as far as there is room. */
  #forgetOldJournals(): void {
    let bytes = 0;
    for (const name of this.recent().reverse()) {
      bytes += statSync(this.recentPath(name)).size;
      if (bytes > MOST_RECENT_BYTES) removeFile(this.recentPath(name));
    }
  }

  /** In one step some segments are replaced by others that hold the same rows. */
  publishCompacted(inputs: readonly Segment[], outputs: readonly Segment[], nowMs: number): Promise<void> {
    return this.#retire(new Set(inputs.map(({ file }) => file)), outputs, nowMs);
  }

  /** Segments that are no longer kept cease to count. */
  async drop(files: ReadonlySet<string>, nowMs: number): Promise<void> {
    if (files.size > 0) await this.#retire(files, [], nowMs);
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

  /** Keeps a copy of a file that could not be read whole, for whoever wants to look into it. */
  setAside(path: string, name = basename(path)): void {
    copyFileSync(path, join(this.dataDir, 'damaged', name));
    this.damagedFiles.push(name);
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
      const path = manifestPath(this.dataDir);
      // The one before is kept, for the case that this one cannot be read some day.
      if (existsSync(path)) copyFileSync(path, this.#previousPath());
      await writeManifest(path, next);
      this.#adopt(next);
    });
    this.#changed = changed.catch(() => {});
    return changed;
  }

  #adopt(manifest: Manifest): void {
    this.#manifest = manifest;
    this.#bytes = manifest.segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #previousPath(): string {
    return join(this.dataDir, 'manifest.previous.json');
  }

  /**
   * What to go by when the manifest cannot be read: the one before it, and the minutes sealed since. Hours
   * compacted since are left out, because the minutes they were made of are still listed.
   */
  #recoverManifest(): Manifest {
    this.setAside(manifestPath(this.dataDir));
    const manifest = readManifest(this.#previousPath()) ?? EMPTY_MANIFEST;
    const known = new Set([...manifest.segments, ...manifest.garbage].map(({ file }) => file));
    const found = this.#parquetFiles().filter((file) => !known.has(file) && basename(file).startsWith('m-'));
    const segments = found.map((file): Segment => {
      const fromMs = Number(/^m-(\d+)/.exec(basename(file))?.[1] ?? 0);
      const table = file.split('/')[1] ?? '';
      return { table, file, level: 'minute', fromMs, toMs: fromMs, rows: 0, bytes: 0 };
    });
    return { ...manifest, segments: [...manifest.segments, ...segments] };
  }

  #exists({ file }: Segment): boolean {
    if (existsSync(join(this.dataDir, file))) return true;
    this.damagedFiles.push(`${file} (gone)`);
    return false;
  }

  #parquetFiles(): string[] {
    const folder = join(this.dataDir, 'segments');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.parquet') || name.endsWith(TEMPORARY_SUFFIX))
      .map((name) => join('segments', name));
  }
}

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { History } from '../../../src/history/history.ts';
import { readJournal } from '../../../src/history/journal/journal.ts';
import type { JsonValue } from '../../../src/history/queries/query_messages.ts';
import { manifestPath, readManifest } from '../../../src/history/segments/manifest.ts';
import { packedAt, START_MS, settingsFor, temporaryDataDir } from '../../support/history.ts';

const COUNTS = 'SELECT count(*), count(DISTINCT sequence) FROM sampling';
/** An hour that is never over: nothing is merged meanwhile. */
const settings = { hourMs: Number.MAX_SAFE_INTEGER, dayMs: Number.MAX_SAFE_INTEGER };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function directory(): string {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  return dataDir;
}

async function open(dataDir: string): Promise<History> {
  const history = await History.open(settingsFor(dataDir, settings));
  cleanups.push(() => history.close());
  return history;
}

function record(history: History, from: number, to: number): void {
  for (let i = from; i < to; i++) history.record(packedAt(i, START_MS + i * 1_000));
  history.flush();
}

async function ask(history: History, sql = COUNTS): Promise<JsonValue[][]> {
  return (await history.query(sql)).rows;
}

/** A directory with three minutes sealed, each of sixty snapshots. */
async function recorded(): Promise<string> {
  const dataDir = directory();
  const history = await open(dataDir);
  record(history, 0, 180);
  await history.close();
  cleanups.pop();
  return dataDir;
}

const segmentsOf = (dataDir: string, table = 'sampling') =>
  readManifest(manifestPath(dataDir))!.segments.filter((segment) => segment.table === table);

describe('a question that fails', () => {
  test.each([
    "SELECT error('parquet')",
    "SELECT error('IO Error: corrupt zstd') FROM sampling",
    "SELECT error('Invalid Input Error: TProtocolException') FROM sampling_1s, sampling",
    'SELECT list(sequence) FROM sampling, range(100000000)',
    "SELECT CASE WHEN sequence > 100 THEN error('damaged parquet') END FROM sampling",
  ])(
    'throws no segment out: %s',
    async (sql) => {
      const dataDir = await recorded();
      const before = segmentsOf(dataDir).map(({ file }) => file);
      const history = await open(dataDir);
      await expect(ask(history, sql)).rejects.toThrow();
      expect(await ask(history)).toEqual([[180, 180]]);
      expect(history.status.damagedFiles).toEqual([]);
      expect(segmentsOf(dataDir).map(({ file }) => file)).toEqual(before);
    },
    60_000,
  );

  test('throws no segment out that could not be read just then', async () => {
    const dataDir = await recorded();
    const [segment] = segmentsOf(dataDir);
    const path = join(dataDir, segment!.file);
    const history = await open(dataDir);
    expect(await ask(history)).toEqual([[180, 180]]);
    // A link that leads in a circle is a disk that fails for a moment: ELOOP.
    renameSync(path, `${path}.away`);
    symlinkSync(path, path);
    await expect(ask(history)).rejects.toThrow();
    rmSync(path);
    renameSync(`${path}.away`, path);
    expect(await ask(history)).toEqual([[180, 180]]);
    expect(history.status.damagedFiles).toEqual([]);
  });
});

describe('what cannot be a file', () => {
  test('in the place of a segment costs its rows, and no thread', async () => {
    const dataDir = await recorded();
    const [segment] = segmentsOf(dataDir);
    const path = join(dataDir, segment!.file);
    rmSync(path);
    mkdirSync(join(path, 'deep'), { recursive: true });
    const history = await open(dataDir);
    expect(await ask(history)).toEqual([[120, 120]]);
    expect(history.status.damagedFiles.join()).toContain('segments_sampling_m-');
    record(history, 180, 190);
    expect(await ask(history)).toEqual([[130, 130]]);
    expect(history.status.state).toBe('recording');
  });

  test('can be set aside nowhere, and is named all the same', async () => {
    const dataDir = await recorded();
    const [segment] = segmentsOf(dataDir);
    writeFileSync(join(dataDir, segment!.file), 'PAR1');
    rmSync(join(dataDir, 'damaged'), { recursive: true });
    writeFileSync(join(dataDir, 'damaged'), 'a file where a directory should be');
    const history = await open(dataDir);
    expect(await ask(history)).toEqual([[120, 120]]);
    expect(history.status.damagedFiles.join()).toContain('could not be set aside');
    record(history, 180, 190);
    expect(await ask(history)).toEqual([[130, 130]]);
  });

  test('in the place of a journal is set aside, and no other journal waits for it', async () => {
    const dataDir = await recorded();
    mkdirSync(join(dataDir, 'journal', `${START_MS}-1.abcdef-0.hzj`, 'deep'), { recursive: true });
    symlinkSync('/nowhere', join(dataDir, 'journal', `${START_MS}-1.abcdef-1.hzj`));
    const history = await open(dataDir);
    record(history, 180, 190);
    expect(await ask(history)).toEqual([[190, 190]]);
    await vi.waitFor(() => expect(history.status.damagedFiles.length).toBeGreaterThan(0), {
      timeout: 20_000,
    });
    expect(existsSync(join(dataDir, 'damaged', `${START_MS}-1.abcdef-0.hzj`))).toBe(true);
  });
});

test('a directory that is removed while it is recorded to is told of and made anew', async () => {
  const dataDir = await recorded();
  const history = await open(dataDir);
  record(history, 180, 190);
  expect(await ask(history)).toEqual([[190, 190]]);
  rmSync(dataDir, { recursive: true });
  record(history, 190, 200);
  expect(await ask(history)).toEqual([[10, 10]]);
  expect(readdirSync(join(dataDir, 'journal'))).toHaveLength(1);
  // Nobody else may have it either.
  await expect(History.open(settingsFor(dataDir))).rejects.toMatchObject({ code: 'HISTORY_LOCKED' });
});

/** A journal every byte of which looks like the beginning of a record that is as long as the rest of it. */
function crafted(bytes: number): Buffer {
  const journal = Buffer.alloc(bytes);
  journal.write('HZSTATJ\x02', 'latin1');
  // Little-endian lengths of 0x00101010 and the like at every offset.
  for (let at = 8; at < bytes; at++) journal[at] = at % 4 === 3 ? 0 : 0x10;
  return journal;
}

test('a journal made to be searched for ever is given up in time, and what is before the damage is kept', () => {
  const path = join(directory(), 'crafted.hzj');
  const frame = Buffer.from('a frame');
  const header = Buffer.alloc(8);
  header.writeUInt32LE(frame.length, 0);
  header.writeUInt32LE(crc32(frame), 4);
  const journal = crafted(4 * 1024 * 1024);
  Buffer.concat([header, frame]).copy(journal, 8);
  writeFileSync(path, journal);
  const startMs = performance.now();
  const { frames, damagedBytes } = readJournal(path);
  // Forty seconds and more without a bound.
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect([...frames].map(String)).toEqual(['a frame']);
  expect(damagedBytes).toBe(journal.length - 8 - 8 - frame.length);
});

/** A file system with hardly any room; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const path = directory();
  mkdirSync(path, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400k,nr_inodes=400', 'tmpfs', path]).status !== 0)
    return undefined;
  cleanups.push(() => spawnSync('umount', ['-l', path]));
  return path;
}

function fill(disk: string): void {
  for (let size = 256 * 1024; size >= 512; size >>= 1) {
    for (let count = 0; ; count++) {
      try {
        writeFileSync(join(disk, `ballast-${size}-${count}`), Buffer.alloc(size));
      } catch {
        rmSync(join(disk, `ballast-${size}-${count}`), { force: true });
        break;
      }
    }
  }
}

function clear(disk: string): void {
  for (const name of readdirSync(disk)) if (name.startsWith('ballast')) rmSync(join(disk, name));
}

describe('a full disk', () => {
  test('keeps nobody from starting: history waits until there is room', async ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip('this user may not mount a small file system');
    fill(disk);
    // Not even a name fits any more.
    for (let index = 0; ; index++) {
      try {
        writeFileSync(join(disk, `ballast-name-${index}`), '');
      } catch {
        break;
      }
    }
    const history = await open(join(disk, 'data'));
    record(history, 0, 10);
    await vi.waitFor(() => expect(history.status.state).toBe('failing'), { timeout: 20_000 });
    expect(history.status.message).toMatch(/waits for the disk.*ENOSPC/);
    clear(disk);
    record(history, 10, 20);
    await vi.waitFor(() => expect(history.status.state).toBe('recording'), { timeout: 20_000 });
    expect(await ask(history)).toEqual([[20, 20]]);
    expect(history.status.lostSnapshots).toBe(0);
  });

  test('answers from what is there', async ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip('this user may not mount a small file system');
    const history = await open(join(disk, 'data'));
    record(history, 0, 70);
    expect(await ask(history)).toEqual([[70, 70]]);
    fill(disk);
    record(history, 70, 75);
    const [[found] = []] = await ask(history);
    expect(Number(found)).toBeGreaterThanOrEqual(60);
    expect(history.status.state).toBe('failing');
    clear(disk);
    record(history, 75, 80);
    await vi.waitFor(async () => expect(await ask(history)).toEqual([[80, 80]]), {
      timeout: 20_000,
      interval: 500,
    });
    await vi.waitFor(() => expect(history.status.state).toBe('recording'), { timeout: 20_000 });
  });
});

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { OfflineHistory } from '../../../src/history/archives/offline.ts';
import { History } from '../../../src/history/history.ts';
import { JournalWriter } from '../../../src/history/journal/journal.ts';
import type { JsonValue } from '../../../src/history/queries/query_messages.ts';
import { manifestPath, readManifest } from '../../../src/history/segments/manifest.ts';
import type { HistorySettings } from '../../../src/history/segments/settings.ts';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../../src/records/snapshot_packer.ts';
import { collected } from '../../support/collected.ts';
import {
  framesOf,
  HOUR_MS,
  journalled,
  packedAt,
  START_MS,
  settingsFor,
  snapshotAt,
  temporaryDataDir,
} from '../../support/history.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function dataDirectory(): string {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  return dataDir;
}

async function open(dataDir: string, overrides: Partial<HistorySettings> = {}): Promise<History> {
  const history = await History.open(settingsFor(dataDir, overrides));
  let closed = false;
  const close = history.close.bind(history);
  history.close = async () => {
    if (!closed) await close();
    closed = true;
  };
  cleanups.push(() => history.close());
  return history;
}

function record(history: History, from: number, count: number, stepMs = 100, startMs = START_MS): void {
  for (let sequence = from; sequence < from + count; sequence++) {
    const timeMs = startMs + sequence * stepMs;
    history.record(packedAt(sequence, timeMs));
  }
}

async function rows(history: History, sql: string): Promise<JsonValue[][]> {
  return (await history.query(sql)).rows;
}

/** Two snapshots as a journal holds them. */
function journalOf(sequence: number, timeMs: number): Uint8Array {
  return journalled(framesOf([packedAt(sequence, timeMs), packedAt(sequence + 1, timeMs + 100)]));
}

/** Sequence numbers that are there, as ranges, and whether any is there twice. */
const SEQUENCES = 'SELECT count(*), count(DISTINCT sequence), min(sequence), max(sequence) FROM sampling';

describe('asking', () => {
  test('for CSV twice at once gives each its own', async () => {
    const history = await open(dataDirectory());
    record(history, 0, 5);
    const answers = await Promise.all(
      ['one', 'two'].map((name) =>
        collected(history.export(`SELECT '${name}' AS name FROM range(9000), sampling LIMIT 9000`, 'csv')),
      ),
    );
    const names = answers.map((answer) => new Set(answer.toString().trim().split('\n')));
    expect(names).toEqual([new Set(['name', 'one']), new Set(['name', 'two'])]);
  });
});

describe('recording', () => {
  test('can be asked at once, the latest snapshot included', async () => {
    const history = await open(dataDirectory());
    record(history, 0, 25);
    expect(await rows(history, SEQUENCES)).toEqual([[25, 25, 0, 24]]);
    record(history, 25, 5);
    expect(await rows(history, SEQUENCES)).toEqual([[30, 30, 0, 29]]);
  });

  test('rounds gauges to what they mean and keeps counters exact', async () => {
    const history = await open(dataDirectory());
    record(history, 0, 3);
    const sql =
      'SELECT pgpgout_per_sec, pswpin_per_sec, tick FROM memory_bandwidth JOIN sampling USING (timestamp) ORDER BY tick';
    expect(await rows(history, sql)).toEqual([
      [0, null, 0],
      [0.3, null, 1],
      [0.7, null, 2],
    ]);
  });

  test('keeps the numbers of collectors it does not know, exactly, with rollups', async () => {
    const history = await open(dataDirectory());
    const packer = new SnapshotPacker();
    for (let sequence = 0; sequence < 20; sequence++) {
      const snapshot = snapshotAt(sequence, START_MS + sequence * 100);
      snapshot.sampling.collectors.queues = { state: 'warming_up' };
      const mail = { length: sequence / 7, name: 'in', full: false };
      const frame: unknown = { ...snapshot, queues: { mail, shares: [0.1, null] } };
      history.record(packer.pack(frame as Snapshot));
    }
    expect(
      await rows(history, "SELECT field, value FROM custom WHERE collector = 'queues' ORDER BY ALL LIMIT 3"),
    ).toEqual([
      ['mail.length', 0],
      ['mail.length', 1 / 7],
      ['mail.length', 2 / 7],
    ]);
    const rolled = 'SELECT field, samples, value_min, value_max FROM custom_1m ORDER BY field';
    expect(await rows(history, rolled)).toEqual([
      ['mail.length', 20, 0, 19 / 7],
      ['shares.0', 20, 0.1, 0.1],
    ]);
  });

  test('seals each minute and survives a restart', async () => {
    const dataDir = dataDirectory();
    const first = await open(dataDir);
    record(first, 0, 1_500);
    await first.close();
    const manifest = readManifest(manifestPath(dataDir));
    const sealed = manifest?.segments.filter(({ table }) => table === 'sampling');
    // As minutes, or merged already, because their hour is over.
    expect(sealed?.reduce((sum, segment) => sum + segment.rows, 0)).toBe(1_500);
    expect(readdirSync(join(dataDir, 'journal'))).toEqual([]);
    const second = await open(dataDir);
    record(second, 1_500, 100);
    expect(await rows(second, SEQUENCES)).toEqual([[1_600, 1_600, 0, 1_599]]);
  });

  test('seals before the minute is over what would take too much memory, and rolls it up as one', async () => {
    const dataDir = dataDirectory();
    const history = await open(dataDir, { journalBytes: 5_000 });
    // In an hour that is not over, so that nothing is merged meanwhile.
    const startMs = Math.floor(Date.now() / 60_000) * 60_000;
    for (let from = 0; from < 500; from += 50) {
      record(history, from, 50, 100, startMs);
      history.flush();
    }
    expect(await rows(history, SEQUENCES)).toEqual([[500, 500, 0, 499]]);
    expect(await rows(history, 'SELECT samples, tick_min, tick_max FROM sampling_1m')).toEqual([
      [500, 0, 499],
    ]);
    const sealed = readManifest(manifestPath(dataDir))!.segments.filter(({ table }) => table === 'sampling');
    expect(sealed.length).toBeGreaterThan(2);
  });

  test('rolls up to what the raw rows say, before and after hours are merged', async () => {
    const dataDir = dataDirectory();
    const history = await open(dataDir);
    record(history, 0, 4_000, 1_000);
    const check = (suffix: string, unit: string): string => `
      WITH truth AS (
        SELECT date_trunc('${unit}', timestamp) AS bucket, count(*) AS n, min(pgpgin_per_sec) AS lo,
               avg(pgpgin_per_sec) AS mean, max(pgpgin_per_sec) AS hi
        FROM memory_bandwidth GROUP BY bucket)
      SELECT count(*) FROM truth FULL JOIN memory_bandwidth_${suffix} r ON truth.bucket = r.timestamp
      WHERE n IS DISTINCT FROM samples OR lo IS DISTINCT FROM pgpgin_per_sec_min
         OR abs(mean - pgpgin_per_sec_avg) > 1e-9 OR hi IS DISTINCT FROM pgpgin_per_sec_max`;
    const verify = async (asked: History): Promise<void> => {
      expect(await rows(asked, check('1m', 'minute'))).toEqual([[0]]);
      expect(await rows(asked, check('1s', 'second'))).toEqual([[0]]);
      const last = 'SELECT sum(samples), max(sequence_last) FROM sampling_1m';
      expect(await rows(asked, last)).toEqual([[4_000, 3_999]]);
    };
    await verify(history);
    await vi.waitFor(
      () => {
        const levels = readManifest(manifestPath(dataDir))?.segments.map(({ level }) => level);
        expect(levels).toContain('hour');
      },
      { timeout: 30_000, interval: 20 },
    );
    await verify(history);
    await history.close();
    await verify(await open(dataDir));
  });

  test('merges the rollups of a day, and takes in a minute that comes late', async () => {
    const dataDir = dataDirectory();
    const first = await open(dataDir);
    // Two hours of a day that is over, a snapshot a second.
    record(first, 0, 7_200, 1_000);
    await first.close();
    const levelsOf = (table: string): string[] =>
      readManifest(manifestPath(dataDir))!
        .segments.filter((segment) => segment.table === table)
        .map(({ level }) => level);
    const second = await open(dataDir);
    const merged = async (): Promise<void> => {
      await vi.waitFor(() => expect(levelsOf('sampling_1m')).toEqual(['day']), { timeout: 30_000 });
      await vi.waitFor(() => expect(levelsOf('sampling')).toEqual(['hour', 'hour']), { timeout: 30_000 });
    };
    await merged();
    const sums = 'SELECT sum(samples), count(*), min(tick_min), max(tick_max) FROM sampling_1m';
    expect(await rows(second, sums)).toEqual([[7_200, 120, 0, 7_199]]);
    // As if a journal of the first hour had been found in a drawer.
    record(second, 10_000, 60, 1_000, START_MS - 10_000_000 + 600_000);
    await second.close();
    const third = await open(dataDir);
    await merged();
    expect(await rows(third, sums)).toEqual([[7_260, 120, 0, 10_059]]);
    const minute = `SELECT samples, tick_max FROM sampling_1m WHERE timestamp = to_timestamp(${START_MS / 1_000 + 600})`;
    expect(await rows(third, minute)).toEqual([[120, 10_059]]);
    expect(await rows(third, 'SELECT count(*) FROM sampling')).toEqual([[7_260]]);
  });

  test('forgets raw rows by age and keeps their rollups', async () => {
    const dataDir = dataDirectory();
    const first = await open(dataDir);
    record(first, 0, 100);
    await first.close();
    const second = await open(dataDir, { retentionMs: 1_000 });
    const tables = (): string[] => readManifest(manifestPath(dataDir))!.segments.map(({ table }) => table);
    await vi.waitFor(() => expect(tables()).toContain('sampling_1m'), { timeout: 30_000 });
    await vi.waitFor(() => expect(tables()).not.toContain('sampling'), { timeout: 30_000 });
    await second.close();
    const third = await open(dataDir);
    expect(await rows(third, 'SELECT count(*) FROM sampling')).toEqual([[0]]);
    expect(await rows(third, 'SELECT sum(samples) FROM sampling_1m')).toEqual([[100]]);
  });

  test('keeps below the room it is given', async () => {
    const dataDir = dataDirectory();
    const first = await open(dataDir);
    record(first, 0, 1_200);
    await first.close();
    const second = await open(dataDir, { retentionBytes: 1 });
    await second.close();
    expect(readManifest(manifestPath(dataDir))?.segments).toEqual([]);
  });

  test('orders by the sequence of the sampler through a step of the wall clock, nothing lost or doubled', async () => {
    const history = await open(dataDirectory());
    record(history, 0, 50);
    record(history, 50, 50, 100, START_MS - 2 * HOUR_MS);
    record(history, 100, 50, 100, START_MS + HOUR_MS);
    expect(await rows(history, SEQUENCES)).toEqual([[150, 150, 0, 149]]);
  });
});

describe('a data directory', () => {
  test('has one writer, and a second one is told which', async () => {
    const dataDir = dataDirectory();
    await open(dataDir);
    await expect(History.open(settingsFor(dataDir))).rejects.toMatchObject({
      code: 'HISTORY_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });

  test.each([
    ['of a process that is gone', { pid: 2 ** 22 - 1, startedAt: '1' }],
    ['of another process that has the number now', { pid: process.pid, startedAt: '1' }],
    ['that is no lock', 'garbage'],
  ])('with a stale lock %s is no obstacle', async (_, content) => {
    const dataDir = dataDirectory();
    writeFileSync(join(dataDir, 'lock'), JSON.stringify(content));
    const history = await open(dataDir);
    record(history, 0, 1);
    expect(await rows(history, SEQUENCES)).toEqual([[1, 1, 0, 0]]);
  });

  test('that cannot be written to is refused with what to do', async () => {
    await expect(History.open(settingsFor('/proc/nowhere'))).rejects.toMatchObject({
      code: 'BAD_DATA_DIR',
      message: expect.stringContaining('--no-history'),
    });
  });

  test('can be asked while nobody records, journals that were left included', async () => {
    const dataDir = dataDirectory();
    const history = await open(dataDir);
    record(history, 0, 700);
    await history.close();
    const journal = new JournalWriter(join(dataDir, 'journal', '1-1-0.hzj'));
    journal.append(journalOf(700, START_MS + 70_000));
    journal.close();
    const offline = await OfflineHistory.open(dataDir);
    cleanups.push(() => offline.close());
    expect(await offline.query(SEQUENCES)).toMatchObject({ rows: [[702, 702, 0, 701]] });
    const csv = await collected(offline.export('SELECT sequence FROM sampling ORDER BY ALL', 'csv'));
    expect(csv.toString().split('\n')).toHaveLength(1 + 702 + 1);
    expect(existsSync(join(dataDir, 'journal', '1-1-0.hzj'))).toBe(true);
  });

  test('that is none says so', async () => {
    await expect(OfflineHistory.open('/nowhere')).rejects.toMatchObject({
      code: 'BAD_DATA_DIR',
    });
  });
});

describe('recorded snapshots', () => {
  async function sequencesAfter(
    history: History,
    position: { sequence: number } | { timestamp: string },
  ): Promise<number[]> {
    const found: number[] = [];
    for await (const recorded of history.snapshotsAfter(position)) {
      found.push(...recorded.map(({ snapshot }) => snapshot.sequence));
    }
    return found;
  }
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

  test('can be read back, sealed or not, from a sequence number or a time on', async () => {
    const dataDir = dataDirectory();
    const history = await open(dataDir);
    record(history, 0, 1_500);
    expect(await sequencesAfter(history, { sequence: 99 })).toEqual(range(100, 1_500));
    expect(await sequencesAfter(history, { sequence: 1_499 })).toEqual([]);
    const { timestamp } = snapshotAt(700, START_MS + 70_000);
    expect(await sequencesAfter(history, { timestamp })).toEqual(range(701, 1_500));
  });

  test('are whole while minutes are being sealed', async () => {
    const history = await open(dataDirectory(), { journalMs: 500 });
    for (let sequence = 0; sequence < 300; sequence += 10) {
      record(history, sequence, 10);
      history.flush();
      if (sequence % 50 === 0)
        expect(await sequencesAfter(history, { sequence: 4 })).toEqual(range(5, sequence + 10));
    }
  });

  test('of an earlier process are found by time, and not by their sequence numbers', async () => {
    const dataDir = dataDirectory();
    const first = await open(dataDir);
    record(first, 0, 50);
    await first.close();
    const second = await open(dataDir);
    record(second, 0, 10, 100, START_MS + 30_000);
    const { timestamp } = snapshotAt(39, START_MS + 3_900);
    expect(await sequencesAfter(second, { timestamp })).toEqual([...range(40, 50), ...range(0, 10)]);
    expect(await sequencesAfter(second, { sequence: 4 })).toEqual(range(5, 10));
  });
});

describe('after a crash', () => {
  /** A directory with one sealed minute, and a journal with two more snapshots. */
  async function crashed(): Promise<{ dataDir: string; journal: string }> {
    const dataDir = dataDirectory();
    const history = await open(dataDir);
    record(history, 0, 600);
    await history.close();
    const journal = join(dataDir, 'journal', `${START_MS + 60_000}-1-0.hzj`);
    const writer = new JournalWriter(journal);
    writer.append(journalOf(600, START_MS + 60_000));
    writer.close();
    return { dataDir, journal };
  }

  async function recovered(dataDir: string): Promise<{ history: History; found: JsonValue[] | undefined }> {
    const history = await open(dataDir);
    return { history, found: (await rows(history, SEQUENCES))[0] };
  }

  test('a journal that was left becomes segments', async () => {
    const { dataDir, journal } = await crashed();
    expect((await recovered(dataDir)).found).toEqual([602, 602, 0, 601]);
    expect(existsSync(journal)).toBe(false);
  });

  test('a torn tail costs what is torn, and the journal is set aside and named', async () => {
    const { dataDir, journal } = await crashed();
    writeFileSync(journal, readFileSync(journal).subarray(0, -5));
    const { history, found } = await recovered(dataDir);
    expect(found).toEqual([601, 601, 0, 600]);
    record(history, 602, 1);
    history.flush();
    while (history.status.damagedFiles.length === 0) await delay(20);
    expect(history.status.damagedFiles).toEqual([expect.stringMatching(/\.hzj$/)]);
    expect(readdirSync(join(dataDir, 'damaged'))).toHaveLength(1);
  });

  test.each([
    ['a tail of zeros', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(4_096)]), 602],
    ['an empty journal', () => Buffer.alloc(0), 600],
    ['a journal of garbage', () => Buffer.from('not a journal at all, but something else'), 600],
  ])('%s blocks nothing', async (_, damage, count) => {
    const { dataDir, journal } = await crashed();
    writeFileSync(journal, damage(readFileSync(journal)));
    expect((await recovered(dataDir)).found?.[0]).toBe(count);
  });

  test('a journal that was sealed already is not counted twice', async () => {
    const { dataDir, journal } = await crashed();
    const copy = `${journal}.copy`;
    copyFileSync(journal, copy);
    const first = await open(dataDir);
    await first.close();
    // As if the process had been killed between publishing the segments and removing the journal.
    copyFileSync(copy, journal);
    expect((await recovered(dataDir)).found).toEqual([602, 602, 0, 601]);
  });

  test('files that were never published are cleared away', async () => {
    const { dataDir } = await crashed();
    const [segment] = readManifest(manifestPath(dataDir))!.segments;
    const published = join(dataDir, segment!.file);
    const halfDone = published.replace(/[^/]+$/, 'h-1-1.parquet');
    copyFileSync(published, halfDone);
    writeFileSync(`${published}.tmp`, 'half a file');
    expect((await recovered(dataDir)).found?.[0]).toBe(602);
    expect(existsSync(halfDone)).toBe(false);
    expect(existsSync(`${published}.tmp`)).toBe(false);
  });

  test('a minute recorded by two lives of one process id is there from both', async () => {
    const dataDir = dataDirectory();
    const first = await open(dataDir);
    record(first, 0, 10);
    await first.close();
    // An hour that is never over: what is copied must not be merged at the same moment.
    const second = await open(dataDir, { hourMs: Number.MAX_SAFE_INTEGER, dayMs: Number.MAX_SAFE_INTEGER });
    record(second, 10, 10);
    // What is on disk now is what a kill would leave.
    await rows(second, SEQUENCES);
    const { dataDir: copy, remove } = temporaryDataDir();
    cleanups.push(remove);
    cpSync(dataDir, copy, { recursive: true });
    rmSync(join(copy, 'lock'));
    expect((await recovered(copy)).found).toEqual([20, 20, 0, 19]);
  });

  test.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['without its end', (bytes: Buffer) => bytes.fill(0, bytes.length - 8)],
    ['with other bytes in its middle', (bytes: Buffer) => bytes.fill(0xa5, 4, bytes.length >> 1)],
    ['empty', () => Buffer.alloc(0)],
  ])('a segment %s is set aside and named, and the rest can be asked', async (_, damage) => {
    const { dataDir } = await crashed();
    const segment = readManifest(manifestPath(dataDir))!.segments.find(
      ({ table }) => table === 'memory_bandwidth',
    )!;
    const path = join(dataDir, segment.file);
    writeFileSync(path, damage(readFileSync(path)));
    const history = await open(dataDir);
    expect(await rows(history, 'SELECT sum(pgpgin_per_sec) FROM memory_bandwidth')).toEqual([[600 + 601]]);
    expect(await rows(history, SEQUENCES)).toEqual([[602, 602, 0, 601]]);
    expect(history.status.damagedFiles.join()).toContain('memory_bandwidth');
    expect(readdirSync(join(dataDir, 'damaged')).join()).toContain('memory_bandwidth');
  });

  test('a segment that is gone is named, and the rest can be asked', async () => {
    const { dataDir } = await crashed();
    const segment = readManifest(manifestPath(dataDir))!.segments.find(
      ({ table }) => table === 'memory_bandwidth',
    )!;
    rmSync(join(dataDir, segment.file));
    const { history, found } = await recovered(dataDir);
    expect(found?.[0]).toBe(602);
    expect(history.status.damagedFiles.join()).toContain(segment.file);
  });
});

/** A file system of a few hundred kilobytes; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const path = dataDirectory();
  mkdirSync(path, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', path]).status !== 0) return undefined;
  cleanups.push(() => spawnSync('umount', ['-l', path]));
  return path;
}

describe('a disk', () => {
  test('that is full costs history only, and recording resumes by itself', async ({ skip }) => {
    const disk = smallDisk();
    if (disk === undefined) return skip('this user may not mount a small file system');
    const history = await open(join(disk, 'data'));
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(200 * 1024));
    const isFailing = (): boolean => history.status.state === 'failing';
    let sequence = 0;
    while (!isFailing()) {
      const { journalBytes } = history.status;
      record(history, sequence, 100);
      sequence += 100;
      history.flush();
      // Recorded ahead of the disk, there would be more than fits on it afterwards.
      while (history.status.journalBytes === journalBytes && !isFailing()) await delay(1);
    }
    expect(history.status.message).toMatch(/waits for the disk.*ENOSPC/);
    rmSync(join(disk, 'ballast'));
    record(history, sequence, 1);
    history.flush();
    while (isFailing()) await delay(10);
    expect(history.status.lostSnapshots).toBe(0);
    expect((await rows(history, SEQUENCES))[0]).toEqual([sequence + 1, sequence + 1, 0, sequence]);
  });
});

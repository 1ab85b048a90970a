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
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { OfflineHistory } from '../../../../src/history/archives/offline.ts';
import { History } from '../../../../src/history/history.ts';
import type { JsonValue } from '../../../../src/history/queries/query_messages.ts';
import { manifestPath, readManifest } from '../../../../src/history/segments/manifest.ts';
import { factsOf } from '../../../../src/history/segments/parquet_footer.ts';
import { HOUR_MS, packedAt, START_MS, settingsFor, temporaryDataDir } from '../../../support/history.ts';

/** Ten minutes of an hour that is merged, its day still under way by these settings, and two minutes of the next. */
const SNAPSHOTS = 720;
const COUNTS = `SELECT count(*), count(DISTINCT sequence), min(sequence), max(sequence) FROM sampling`;
const WHOLE: JsonValue[][] = [[SNAPSHOTS, SNAPSHOTS, 0, SNAPSHOTS - 1]];
const ROLLED_UP = 'SELECT sum(samples), count(*), count(DISTINCT timestamp) FROM sampling_1m';

const settings = { dayMs: Number.MAX_SAFE_INTEGER };
const cleanups: (() => unknown)[] = [];
let original: string;
let rolledUp: JsonValue[][];

function temporary(): string {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  return dataDir;
}

async function ask(history: History, sql: string): Promise<JsonValue[][]> {
  return (await history.query(sql)).rows;
}

function record(history: History, from: number, to: number): void {
  for (let i = from; i < to; i++) history.record(packedAt(i, START_MS + i * 1_000));
}

beforeAll(async () => {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  original = dataDir;
  const history = await History.open(settingsFor(original, settings));
  record(history, 0, 600);
  await ask(history, 'SELECT 1');
  record(history, 600, SNAPSHOTS);
  history.flush();
  const isMerged = (): boolean =>
    readManifest(manifestPath(original))?.segments.some(({ level }) => level === 'hour') ?? false;
  await vi.waitFor(() => expect(isMerged()).toBe(true), { timeout: 20_000, interval: 50 });
  rolledUp = await ask(history, ROLLED_UP);
  await history.close();
});
/** Undoes what was set up behind the first `kept` steps, last first: a directory goes when nobody writes to it any more. */
async function cleanUp(kept: number): Promise<void> {
  for (const cleanup of cleanups.splice(kept).reverse()) await cleanup();
}
// The original is kept to the end.
afterEach(() => cleanUp(1));
afterAll(() => cleanUp(0));

/** A copy of the directory, in which something was done to the manifest. */
function copyWith(harm: (dataDir: string) => void): string {
  const dataDir = join(temporary(), 'copy');
  cpSync(original, dataDir, { recursive: true });
  harm(dataDir);
  return dataDir;
}

/** Files of segments, whatever became of them. */
const parquetFiles = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'segments'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.parquet'))
    .sort();

const HARMS: [string, (dataDir: string) => void][] = [
  ['lost', (dataDir) => rmSync(manifestPath(dataDir))],
  [
    'lost beside an older one',
    (dataDir) => cpSync(manifestPath(dataDir), join(dataDir, 'manifest.previous.json')),
  ],
  ['empty', (dataDir) => writeFileSync(manifestPath(dataDir), '')],
  ['cut short', (dataDir) => writeFileSync(manifestPath(dataDir), '{"version":1,"segm')],
  ['garbage', (dataDir) => writeFileSync(manifestPath(dataDir), Buffer.alloc(4_000, 0xfe))],
  ['of version 2', (dataDir) => ofVersion(dataDir, 2)],
  ['of version 99', (dataDir) => ofVersion(dataDir, 99)],
  ['of version 0', (dataDir) => ofVersion(dataDir, 0)],
  [
    'a directory',
    (dataDir) => {
      rmSync(manifestPath(dataDir));
      mkdirSync(manifestPath(dataDir));
    },
  ],
  ['without half of its entries', (dataDir) => forget(dataDir, (index) => index % 2 === 0)],
  ['without entries', (dataDir) => forget(dataDir, () => true)],
];

function ofVersion(dataDir: string, version: number): void {
  const manifest: object = JSON.parse(readFileSync(manifestPath(dataDir), 'utf8'));
  writeFileSync(manifestPath(dataDir), JSON.stringify({ ...manifest, version }));
}

function forget(dataDir: string, isForgotten: (index: number) => boolean): void {
  const manifest = readManifest(manifestPath(dataDir))!;
  const segments = manifest.segments.filter((_, index) => !isForgotten(index));
  writeFileSync(manifestPath(dataDir), JSON.stringify({ ...manifest, segments, garbage: [] }));
}

describe('a manifest that is', () => {
  test.each(HARMS)('%s costs nothing, and nothing counts twice', async (_, harm) => {
    const dataDir = copyWith(harm);
    const history = await History.open(settingsFor(dataDir, settings));
    cleanups.push(() => history.close());
    expect(await ask(history, COUNTS)).toEqual(WHOLE);
    expect(await ask(history, ROLLED_UP)).toEqual(rolledUp);
    record(history, SNAPSHOTS, SNAPSHOTS + 5);
    expect((await ask(history, COUNTS))[0]![0]).toBe(SNAPSHOTS + 5);
    await history.close();
    // And it lasts.
    const again = await History.open(settingsFor(dataDir, settings));
    cleanups.push(() => again.close());
    expect((await ask(again, COUNTS))[0]).toEqual([SNAPSHOTS + 5, SNAPSHOTS + 5, 0, SNAPSHOTS + 4]);
    await again.close();
  });

  test.each(HARMS)('%s is no obstacle to reading, and reading changes nothing', async (_, harm) => {
    const dataDir = copyWith(harm);
    const before = parquetFiles(dataDir);
    const offline = await OfflineHistory.open(dataDir);
    cleanups.push(() => offline.close());
    const answer = await offline.query(COUNTS);
    expect(answer.rows).toEqual(WHOLE);
    expect(parquetFiles(dataDir)).toEqual(before);
  });
});

describe('a file in segments/', () => {
  async function opened(harm: (dataDir: string) => void): Promise<{ dataDir: string; history: History }> {
    const dataDir = copyWith(harm);
    const history = await History.open(settingsFor(dataDir, settings));
    cleanups.push(() => history.close());
    return { dataDir, history };
  }
  const anyOf = (dataDir: string, level: string): string =>
    readManifest(manifestPath(dataDir))!.segments.find(
      (segment) => segment.level === level && segment.table === 'sampling',
    )!.file;

  test.each([
    'segments/sampling/notes.txt',
    'segments/sampling/mine.parquet',
    'segments/another/m-1-2.3-4.parquet',
    'segments/cpu/x-1-2.3-4.parquet',
  ])('%s, which is none of ours, is left alone', async (file) => {
    const { dataDir, history } = await opened((copy) => {
      mkdirSync(join(copy, file, '..'), { recursive: true });
      copyFileSync(join(copy, anyOf(copy, 'hour')), join(copy, file));
    });
    expect(await ask(history, COUNTS)).toEqual(WHOLE);
    await history.close();
    expect(existsSync(join(dataDir, file))).toBe(true);
  });

  test('that holds what others hold counts once, also when the manifest is lost', async () => {
    const { history } = await opened((copy) => {
      const hour = anyOf(copy, 'hour');
      copyFileSync(join(copy, hour), join(copy, hour.replace(/h-(\d+)-.*/, 'h-$1-9.abcdef-7.parquet')));
      copyFileSync(join(copy, hour), join(copy, hour.replace(/h-(\d+)-.*/, `m-$1-9.abcdef-0.parquet`)));
      rmSync(manifestPath(copy));
    });
    expect(await ask(history, COUNTS)).toEqual(WHOLE);
    // Merging was broken off, it seems: what was rolled up then must not stand beside what is rolled up now.
    expect(await ask(history, ROLLED_UP)).toEqual(rolledUp);
  });

  test('that is no Parquet is set aside and named', async () => {
    const name = 'm-1-2.3-4.parquet';
    const { dataDir, history } = await opened((copy) => {
      writeFileSync(join(copy, 'segments/sampling', name), 'PAR1 but no more');
    });
    expect(await ask(history, COUNTS)).toEqual(WHOLE);
    await vi.waitFor(
      () => expect(readdirSync(join(dataDir, 'damaged'))).toEqual([`segments_sampling_${name}`]),
      { timeout: 20_000 },
    );
  });
});

test('the footer of a segment says how many rows it has, and of what time', () => {
  const { segments } = readManifest(manifestPath(original))!;
  const raw = segments.filter(({ table }) => table === 'sampling');
  expect(raw.length).toBeGreaterThan(0);
  for (const { file, rows, fromMs, toMs } of raw) {
    expect(factsOf(join(original, file))).toEqual({ rows, fromMs, toMs });
  }
  expect(Math.min(...raw.map(({ fromMs }) => fromMs))).toBe(START_MS);
  expect(START_MS % HOUR_MS).toBe(0);
});

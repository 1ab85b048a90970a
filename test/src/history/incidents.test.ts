import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { OfflineHistory } from '../../../src/history/archives/offline.ts';
import { History } from '../../../src/history/history.ts';
import type { JsonValue } from '../../../src/history/queries/query_messages.ts';
import { manifestPath, readManifest, type Segment } from '../../../src/history/segments/manifest.ts';
import { worthOf } from '../../../src/history/segments/retention.ts';
import type { HistorySettings } from '../../../src/history/segments/settings.ts';
import { DAY_MS, HOUR_MS, packedAt, START_MS, settingsFor, temporaryDataDir } from '../../support/history.ts';

const RECORDER = join(import.meta.dirname, '../../support/entries/recorder.mjs');
// Cutting has the lowest priority: beside others that want both cores it takes a while.
const WAIT = { timeout: 120_000, interval: 50 };
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 });
/** Two hours of a day that is over, a snapshot a second. */
const SNAPSHOTS = 7_200;
/** The second ends in the next hour, so that what is kept of it comes from two segments. */
const INCIDENTS = [
  { id: 'first', beganSecond: 600, endedSecond: 604 },
  { id: 'second', beganSecond: 3_595, endedSecond: 3_600 },
];
const AROUND_SECONDS = 10;
const KEPT = INCIDENTS.flatMap(({ beganSecond, endedSecond }) =>
  Array.from(
    { length: endedSecond - beganSecond + 2 * AROUND_SECONDS + 1 },
    (_, i) => beganSecond - AROUND_SECONDS + i,
  ),
);
const SEQUENCES = 'SELECT list(sequence ORDER BY sequence) FROM sampling';
const EVERYTHING = Array.from({ length: SNAPSHOTS }, (_, i) => i);

const cleanups: (() => Promise<unknown> | unknown)[] = [];
let recorded: string;
let cut: string;

async function cleanUp(kept: number): Promise<void> {
  for (const cleanup of cleanups.splice(kept).reverse()) await cleanup();
}

function temporary(): string {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  return dataDir;
}

function copyOf(dataDir: string): string {
  const copy = join(temporary(), 'copy');
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

async function open(dataDir: string, overrides: Partial<HistorySettings> = {}): Promise<History> {
  const history = await History.open(settingsFor(dataDir, overrides));
  cleanups.push(() => history.close());
  return history;
}

async function ask(history: History, sql: string): Promise<JsonValue> {
  return (await history.query(sql)).rows[0]?.[0] ?? null;
}

const isoAt = (second: number): string => new Date(START_MS + second * 1_000).toISOString();

function writeIncidents(dataDir: string): string {
  const path = join(dataDir, 'incidents', '2026-01-05.ndjson');
  mkdirSync(dirname(path));
  for (const { id, beganSecond, endedSecond } of INCIDENTS) {
    const began = { id, watch: 'cpu', field: 'cpu.usage_percent', began: isoAt(beganSecond), processes: [] };
    appendFileSync(path, `${JSON.stringify({ ...began, ended: null })}\n`);
    appendFileSync(path, `${JSON.stringify({ ...began, ended: isoAt(endedSecond) })}\n`);
  }
  appendFileSync(path, '{"id":"third","watch":"cpu","beg');
  return path;
}

const segmentsOf = (dataDir: string): readonly Segment[] => readManifest(manifestPath(dataDir))!.segments;
const filesOf = (dataDir: string, worth: ReturnType<typeof worthOf>): string[] =>
  segmentsOf(dataDir)
    .filter((segment) => worthOf(segment) === worth)
    .map(({ file }) => file);
const samplingIn = (dataDir: string): string[] =>
  readdirSync(join(dataDir, 'segments/sampling')).filter((name) => name.endsWith('.parquet'));

/** Removes what is out of use, as happens a minute later. */
function removeUnlisted(dataDir: string): void {
  const manifest = readManifest(manifestPath(dataDir))!;
  for (const { file } of manifest.garbage) rmSync(join(dataDir, file), { force: true });
  writeFileSync(manifestPath(dataDir), JSON.stringify({ ...manifest, garbage: [] }));
}

/** When everything that is too old has been cut, and what was cut out put together by the day. */
async function untilCut(dataDir: string): Promise<void> {
  await vi.waitFor(() => {
    const segments = segmentsOf(dataDir);
    expect(segments.filter((segment) => worthOf(segment) === 'raw')).toEqual([]);
    const tables = segments.filter(({ level }) => level === 'incident').map(({ table }) => table);
    expect(tables).toContain('sampling');
    expect(tables.length).toBe(new Set(tables).size);
  }, WAIT);
}

beforeAll(async () => {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  recorded = dataDir;
  writeIncidents(recorded);
  const recording = await History.open(settingsFor(recorded));
  for (let i = 0; i < SNAPSHOTS; i++) recording.record(packedAt(i, START_MS + i * 1_000));
  await recording.close();
  const merging = await History.open(settingsFor(recorded));
  await vi.waitFor(() => {
    const levels = segmentsOf(recorded)
      .filter(({ table }) => table === 'sampling' || table === 'sampling_1m')
      .map(({ level }) => level);
    expect(levels.sort()).toEqual(['day', 'hour', 'hour']);
  }, WAIT);
  expect(await ask(merging, SEQUENCES)).toEqual(EVERYTHING);
  expect(await ask(merging, 'SELECT sum(samples)::INTEGER FROM sampling_1m')).toBe(SNAPSHOTS);
  await merging.close();
  removeUnlisted(recorded);

  const second = temporaryDataDir();
  cleanups.push(second.remove);
  cut = join(second.dataDir, 'copy');
  cpSync(recorded, cut, { recursive: true });
  const cutting = await History.open(settingsFor(cut, { retentionMs: 1_000 }));
  await untilCut(cut);
  expect(await ask(cutting, SEQUENCES)).toEqual(KEPT);
  await cutting.close();
  removeUnlisted(cut);
});
afterEach(() => cleanUp(2));
afterAll(() => cleanUp(0));

describe('when raw snapshots have reached their age', () => {
  test('those around incidents are still there, and rollups of everything', async () => {
    const history = await open(copyOf(cut));
    expect(await ask(history, SEQUENCES)).toEqual(KEPT);
    expect(await ask(history, 'SELECT list(sequence ORDER BY timestamp) FROM sampling')).toEqual(KEPT);
    const joined = 'SELECT count(pgpgin_per_sec) FROM memory_bandwidth JOIN sampling USING (timestamp)';
    expect(await ask(history, joined)).toBe(KEPT.length);
    for (const rollup of ['sampling_1s', 'sampling_1m', 'sampling_collector_1m'])
      expect(await ask(history, `SELECT sum(samples)::INTEGER FROM ${rollup}`)).toBe(SNAPSHOTS);
    const inOne = `SELECT count(*)::INTEGER FROM sampling WHERE timestamp BETWEEN '${isoAt(600)}' AND '${isoAt(603)}'`;
    expect(await ask(history, inOne)).toBe(4);
    const between = `SELECT count(*)::INTEGER FROM sampling WHERE timestamp BETWEEN '${isoAt(1_000)}' AND '${isoAt(2_000)}'`;
    expect(await ask(history, between)).toBe(0);
  });

  test('what was kept is a file a day and table, which says what it covers', () => {
    const kept = segmentsOf(cut).filter(({ table }) => table === 'sampling');
    expect(kept).toMatchObject([
      {
        level: 'incident',
        file: expect.stringMatching(/^segments\/sampling\/i-\d+-/),
        rows: KEPT.length,
        fromMs: START_MS + (KEPT[0] ?? 0) * 1_000,
        toMs: START_MS + (KEPT.at(-1) ?? 0) * 1_000,
      },
    ]);
  });

  test('which stretches there are is told by the question in the documentation, and since when by the status', async () => {
    const docs = readFileSync(join(import.meta.dirname, '../../../docs/history.md'), 'utf8');
    const [, question = ''] = /```sql\n(-- stretches of raw snapshots\n[^`]+)```/.exec(docs) ?? [];
    const history = await open(copyOf(cut));
    const second = (at: number): string => isoAt(at).replace('.000Z', '.000000Z');
    expect((await history.query(question)).rows).toEqual(
      INCIDENTS.map(({ beganSecond, endedSecond }) => [
        second(beganSecond - AROUND_SECONDS),
        second(endedSecond + AROUND_SECONDS),
      ]),
    );
    const since = { incident: START_MS + (KEPT[0] ?? 0) * 1_000, rollup: START_MS };
    expect(history.status.oldestMs).toEqual(since);
  });

  test('they can be asked while nobody records', async () => {
    const offline = await OfflineHistory.open(cut);
    cleanups.push(() => offline.close());
    expect((await offline.query(SEQUENCES)).rows[0]?.[0]).toEqual(KEPT);
  });

  test('a minute that comes late is cut as well, and the rollups of its hour stay as they are', async () => {
    const dataDir = copyOf(cut);
    const second = 605;
    const history = await open(dataDir, { retentionMs: 1_000 });
    history.record(packedAt(SNAPSHOTS, START_MS + second * 1_000 + 500));
    // Beyond the minute, so that it is sealed.
    history.record(packedAt(SNAPSHOTS + 1, Date.now()));
    history.flush();
    await vi.waitFor(async () => {
      expect(filesOf(dataDir, 'incident').filter((file) => file.includes('/sampling/'))).toHaveLength(1);
      expect(await ask(history, `SELECT count(*)::INTEGER FROM sampling WHERE sequence = ${SNAPSHOTS}`)).toBe(
        1,
      );
      expect(filesOf(dataDir, 'raw')).toEqual([]);
    }, WAIT);
    expect(await ask(history, SEQUENCES)).toEqual([...KEPT, SNAPSHOTS, SNAPSHOTS + 1]);
    const rolled = `SELECT sum(samples)::INTEGER FROM sampling_1m WHERE timestamp < '${isoAt(SNAPSHOTS)}'`;
    expect(await ask(history, rolled)).toBe(SNAPSHOTS);
  });

  test('those around incidents go at an age of their own, and the files of incidents with them', async () => {
    const dataDir = copyOf(cut);
    const history = await open(dataDir, { retentionMs: 1_000, incidentRetentionMs: DAY_MS });
    await vi.waitFor(() => expect(filesOf(dataDir, 'incident')).toEqual([]), WAIT);
    expect(await ask(history, SEQUENCES)).toBeNull();
    expect(await ask(history, 'SELECT sum(samples)::INTEGER FROM sampling_1m')).toBe(SNAPSHOTS);
    expect(readdirSync(join(dataDir, 'incidents'))).toEqual([]);
  });
});

describe('with too little room', () => {
  const bytesOf = (dataDir: string, worth: ReturnType<typeof worthOf>): number =>
    segmentsOf(dataDir)
      .filter((segment) => worthOf(segment) === worth)
      .reduce((sum, { bytes }) => sum + bytes, 0);

  test('raw snapshots go first, but for those around incidents', async () => {
    const dataDir = copyOf(recorded);
    const retentionBytes = bytesOf(cut, 'rollup') + bytesOf(cut, 'incident') * 2;
    const history = await open(dataDir, { retentionBytes });
    await untilCut(dataDir);
    expect(await ask(history, SEQUENCES)).toEqual(KEPT);
    expect(history.status.bytes).toBeLessThanOrEqual(retentionBytes);
  });

  test('those around incidents go next, rollups last', async () => {
    const dataDir = copyOf(cut);
    const rollups = filesOf(dataDir, 'rollup').sort();
    const history = await open(dataDir, { retentionBytes: bytesOf(cut, 'rollup') });
    await vi.waitFor(() => expect(filesOf(dataDir, 'incident')).toEqual([]), WAIT);
    expect(filesOf(dataDir, 'rollup').sort()).toEqual(rollups);
    expect(await ask(history, 'SELECT sum(samples)::INTEGER FROM sampling_1s')).toBe(SNAPSHOTS);
  });
});

/** The processes a process has started, whichever of its threads it was. */
function childrenOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap(
    (thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').match(/\d+/g) ?? [],
  );
}

describe('a kill', () => {
  /** Puts the raw files of one directory into another, without their being listed there. */
  function add(from: string, worth: 'raw' | 'incident', dataDir: string): void {
    for (const file of filesOf(from, worth)) {
      mkdirSync(dirname(join(dataDir, file)), { recursive: true });
      copyFileSync(join(from, file), join(dataDir, file));
    }
  }

  test('after cutting, before that was written down, costs nothing', async () => {
    const dataDir = copyOf(recorded);
    add(cut, 'incident', dataDir);
    const history = await open(dataDir);
    expect(await ask(history, SEQUENCES)).toEqual(EVERYTHING);
    await vi.waitFor(() => expect(samplingIn(dataDir).some((name) => name.startsWith('i-'))).toBe(false));
    await history.close();
    const again = await open(dataDir, { retentionMs: 1_000 });
    await untilCut(dataDir);
    expect(await ask(again, SEQUENCES)).toEqual(KEPT);
  });

  test('before what was cut was removed leaves it out, though nobody knows of it any more', async () => {
    const dataDir = copyOf(cut);
    add(recorded, 'raw', dataDir);
    const history = await open(dataDir);
    expect(await ask(history, SEQUENCES)).toEqual(KEPT);
    expect(readdirSync(join(dataDir, 'damaged'))).toEqual([]);
    await vi.waitFor(() => expect(samplingIn(dataDir)).toHaveLength(1));
  });

  test('and the loss of the manifest cost no row around an incident, and double none', async () => {
    const dataDir = copyOf(cut);
    // Of the first hour there is only what was cut out of it, of the second everything.
    const [, later] = filesOf(recorded, 'raw')
      .filter((file) => file.includes('/sampling/'))
      .sort();
    copyFileSync(join(recorded, later!), join(dataDir, later!));
    rmSync(manifestPath(dataDir));
    const history = await open(dataDir);
    expect(await ask(history, SEQUENCES)).toEqual(KEPT);
    expect(await ask(history, 'SELECT sum(samples)::INTEGER FROM sampling_1m')).toBe(SNAPSHOTS);
    expect(readdirSync(join(dataDir, 'damaged'))).toEqual([]);
    await history.close();
    const again = await open(dataDir);
    expect(await ask(again, SEQUENCES)).toEqual(KEPT);
  });

  test('and the loss of the manifest lose nothing that was only about to be cut', async () => {
    const dataDir = copyOf(recorded);
    add(cut, 'incident', dataDir);
    rmSync(manifestPath(dataDir));
    const history = await open(dataDir);
    expect(await ask(history, SEQUENCES)).toEqual(EVERYTHING);
  });

  test('at any moment loses no row in a window', async () => {
    const dataDir = temporary();
    const now = Date.now();
    mkdirSync(join(dataDir, 'incidents'));
    const whole = { id: 'whole', began: new Date(now).toISOString() };
    const ended = new Date(now + HOUR_MS).toISOString();
    writeFileSync(
      join(dataDir, 'incidents', `${whole.began.slice(0, 10)}.ndjson`),
      JSON.stringify({ ...whole, ended }),
    );
    const spans = { journalMs: 250, hourMs: 1_000, dayMs: 4_000, retentionMs: 500 };
    const lives: number[][] = [];
    for (let kill = 0; kill < 8; kill++) {
      const args = [kill * 1_000_000, spans.journalMs, spans.hourMs, spans.dayMs, spans.retentionMs];
      const child = spawn(process.execPath, [RECORDER, dataDir, ...args.map(String)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const sequences: number[] = [];
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => sequences.push(Number.parseInt(line, 10)));
      const exited = once(child, 'exit');
      await once(lines, 'line');
      await delay(1_000 + Math.random() * 1_500);
      const helpers = childrenOf(child.pid!);
      child.kill('SIGKILL');
      await exited;
      lives.push(sequences);
      // What helped it is of use to nobody any more.
      const isLeft = (pid: string): boolean => existsSync(`/proc/${pid}`);
      await vi.waitFor(() => expect(helpers.filter(isLeft)).toEqual([]), WAIT);
    }
    const history = await open(dataDir, spans);
    await vi.waitFor(() => expect(filesOf(dataDir, 'incident')).not.toEqual([]), WAIT);
    const found = (await ask(history, SEQUENCES)) as number[];
    const there = new Set(found);
    expect(found.length).toBe(there.size);
    // Nothing is missing before the newest snapshot of a life that is there.
    const holes = lives.flatMap((life) => {
      const newest = life.findLastIndex((sequence) => there.has(sequence));
      expect(newest).toBeGreaterThan(0);
      return life.slice(0, newest + 1).filter((sequence) => !there.has(sequence));
    });
    expect(holes).toEqual([]);
    expect(readdirSync(join(dataDir, 'damaged'))).toEqual([]);
  });
});

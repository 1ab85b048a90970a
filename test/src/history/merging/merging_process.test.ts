import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Engine } from '../../../../src/history/engine/engine.ts';
import { snapshotsIn } from '../../../../src/history/journal/journal_snapshots.ts';
import { mergeInProcess } from '../../../../src/history/merging/merging_process.ts';
import { Sealer } from '../../../../src/history/sealing/sealer.ts';
import type { IncidentWindow } from '../../../../src/history/segments/incident_windows.ts';
import { Inspector } from '../../../../src/history/segments/inspection.ts';
import type { Segment } from '../../../../src/history/segments/manifest.ts';
import { framesOf, HOUR_MS, packedAt, START_MS, temporaryDataDir } from '../../../support/history.ts';

const { dataDir, remove } = temporaryDataDir();
const sealer = new Sealer();
afterAll(() => {
  sealer.close();
  remove();
});
const HOUR = { fromMs: START_MS, toMs: START_MS + HOUR_MS };
/** At a thousand snapshots a second, a journal holds that many. */
const MANY = 9_000;

function seal(name: string, fromMs: number, count: number): Promise<Segment[]> {
  const snapshots = Array.from({ length: count }, (_, i) => packedAt(i, fromMs + i));
  return sealer.seal(dataDir, `m-${fromMs}-${name}`, snapshotsIn(framesOf(snapshots)));
}

async function merged(stem: string, inputs: readonly Segment[]): Promise<readonly Segment[]> {
  const answer = await mergeInProcess({ dataDir, stem, inputs, hour: HOUR }, new AbortController().signal);
  return answer.ok ? answer.segments : Promise.reject(new Error(answer.message));
}

async function cutOut(
  stem: string,
  inputs: readonly Segment[],
  windows: readonly IncidentWindow[],
): Promise<Segment[]> {
  const answer = await mergeInProcess({ dataDir, stem, inputs, windows }, new AbortController().signal);
  return answer.ok ? answer.segments : Promise.reject(new Error(answer.message));
}

async function ask(sql: string): Promise<unknown> {
  const engine = await Engine.open('256MB');
  try {
    return (await engine.connection.runAndReadAll(sql)).getRowsJson();
  } finally {
    engine.close();
  }
}

const fileOf = (segments: readonly Segment[], table: string): string => {
  const found = segments.find((segment) => segment.table === table);
  return `'${join(dataDir, found?.file ?? table)}'`;
};

test('large segments of an hour are put together as they are, small ones anew, with the same rows', async () => {
  const large = [...(await seal('a', START_MS, MANY)), ...(await seal('b', START_MS + 60_000, MANY))];
  const small = [
    ...(await seal('c', START_MS + 120_000, 600)),
    ...(await seal('d', START_MS + 180_000, 600)),
  ];
  for (const [stem, inputs, groups, rows] of [
    ['large', large, 2, 2 * MANY],
    ['small', small, 1, 1_200],
  ] as const) {
    const segments = await merged(stem, inputs);
    for (const table of ['sampling', 'sampling_collector', 'memory_bandwidth']) {
      const file = fileOf(segments, table);
      const found = await ask(
        `SELECT count(DISTINCT row_group_id), any_value(compression) FROM parquet_metadata(${file})`,
      );
      expect(found).toEqual([[String(groups), 'ZSTD']]);
      const parts = inputs.filter((segment) => segment.table === table);
      const list = `[${parts.map((part) => fileOf([part], table)).join(', ')}]`;
      expect(await ask(`FROM ${file}`)).toEqual(await ask(`FROM read_parquet(${list})`));
      expect(segments.find((segment) => segment.table === table)?.rows).toBe(rows);
      expect(await ask(`SELECT sum(samples) FROM ${fileOf(segments, `${table}_1s`)}`)).toEqual([
        [String(rows)],
      ]);
    }
  }
});

test.each([
  ['sampling', 'interval_ms'],
  ['sampling_collector', 'state'],
])('damage to %s.%s in a large segment is found before it is part of an hour', async (table, column) => {
  const inputs = [
    ...(await seal(`e-${column}`, START_MS, MANY)),
    ...(await seal(`f-${column}`, START_MS + 60_000, MANY)),
  ];
  const { file } = inputs.findLast((segment) => segment.table === table)!;
  const path = join(dataDir, file);
  const [[from, size] = []] = (await ask(
    `SELECT coalesce(dictionary_page_offset, data_page_offset), total_compressed_size FROM parquet_metadata('${path}') WHERE path_in_schema = '${column}'`,
  )) as [string, string][];
  const bytes = readFileSync(path);
  bytes.fill(0xa5, Number(from), Number(from) + Number(size));
  writeFileSync(path, bytes);
  const answer = await mergeInProcess(
    { dataDir, stem: `damaged-${column}`, inputs, hour: HOUR },
    new AbortController().signal,
  );
  expect(answer).toMatchObject({ ok: false });
  expect(await new Inspector(dataDir).damagedOf(inputs)).toEqual([file]);
});

test.each([600, MANY])(
  'an hour of %i snapshots from before a column was added is merged like any other',
  async (count) => {
    const inputs = await seal(`old-${count}`, START_MS, count);
    const file = fileOf(inputs, 'sampling');
    await ask(
      `COPY (SELECT * EXCLUDE (cpu_percent) FROM ${file}) TO ${file} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const segments = await merged(`older-${count}`, inputs);
    expect(
      await ask(
        `SELECT count(*), count(cpu_percent), count(interval_ms) FROM ${fileOf(segments, 'sampling')}`,
      ),
    ).toEqual([[String(count), '0', String(count)]]);
    const rollup = fileOf(segments, 'sampling_1s');
    expect(await ask(`SELECT sum(samples), count(cpu_percent_avg) FROM ${rollup}`)).toEqual([
      [String(count), '0'],
    ]);
  },
);

test('what lies in windows is cut out, to the millisecond, and covers no more than it has', async () => {
  const inputs = [...(await seal('g', START_MS, 1_000)), ...(await seal('h', START_MS + 60_000, 1_000))];
  const windows = [
    { fromMs: START_MS - 5_000, toMs: START_MS + 9 },
    { fromMs: START_MS + 100, toMs: START_MS + 100 },
    { fromMs: START_MS + 30_000, toMs: START_MS + 31_000 },
    { fromMs: START_MS + 60_990, toMs: START_MS + 70_000 },
  ];
  const segments = await cutOut('i-some', inputs, windows);
  const sampling = segments.find((segment) => segment.table === 'sampling');
  expect(sampling).toMatchObject({
    level: 'incident',
    rows: 21,
    fromMs: START_MS,
    toMs: START_MS + 60_999,
  });
  const times = `SELECT list(epoch_ms(timestamp) - ${START_MS})::VARCHAR AS times FROM ${fileOf(segments, 'sampling')}`;
  const kept = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, ...Array.from({ length: 10 }, (_, i) => 60_990 + i)];
  expect(await ask(times)).toEqual([{ times: `[${kept.join(', ')}]` }].map(Object.values));
  expect(await cutOut('i-none', inputs, windows.slice(2, 3))).toEqual([]);
});

test('segments that lie in a window as a whole are put together as they are', async () => {
  const inputs = [...(await seal('k', START_MS, 500)), ...(await seal('l', START_MS + 60_000, 500))];
  const whole = [{ fromMs: START_MS, toMs: START_MS + 60_499 }];
  for (const [stem, windows, groups, rows] of [
    ['i-whole', whole, 2, 1_000],
    ['i-nearly', [{ fromMs: START_MS + 1, toMs: START_MS + 60_499 }], 1, 999],
  ] as const) {
    const segments = await cutOut(stem, inputs, windows);
    expect(segments.find(({ table }) => table === 'sampling')).toMatchObject({ level: 'incident', rows });
    const file = fileOf(segments, 'sampling');
    const found = `SELECT count(DISTINCT row_group_id) FROM parquet_metadata(${file})`;
    expect(await ask(found)).toEqual([[String(groups)]]);
    expect(await ask(`SELECT count(*), count(DISTINCT timestamp) FROM ${file}`)).toEqual([
      [String(rows), String(rows)],
    ]);
  }
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../../src/history/history.ts';
import { TABLES } from '../../../src/history/tables/schema.ts';
import { ALL_MODELS } from '../../../src/model/collectors.ts';
import { fieldAt } from '../../../src/model/field_at.ts';
import { FIELDS } from '../../../src/model/listing/fields.ts';
import { SnapshotPacker } from '../../../src/records/snapshot_packer.ts';
import { declaredSnapshots } from '../../support/declared_snapshots.ts';
import { START_MS, settingsFor, temporaryDataDir } from '../../support/history.ts';

const SNAPSHOTS = 40;
const snapshots = declaredSnapshots(7, SNAPSHOTS, START_MS);
const RECORDED = FIELDS.filter(({ sql }) => sql !== null);

const { dataDir, remove } = temporaryDataDir();
let history: History;

beforeAll(async () => {
  history = await History.open(settingsFor(dataDir));
  const packer = new SnapshotPacker();
  for (const snapshot of snapshots) history.record(packer.pack(snapshot));
  history.flush();
});
afterAll(async () => {
  await history.close();
  remove();
});

/** The values at a path of a snapshot, `*` for all there are, each with what stands for the stars. */
function* valuesAt(
  value: unknown,
  path: readonly string[],
  stars: readonly string[] = [],
): Iterable<[string, unknown]> {
  const [step, ...rest] = path;
  if (step === undefined) {
    yield [stars.join(), value];
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (step !== '*') {
    yield* valuesAt(Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined, rest, stars);
    return;
  }
  for (const [key, item] of Object.entries(value)) yield* valuesAt(item, rest, [...stars, key]);
}

/** To the digits that mean something, and flags as 1 or 0; texts are kept as they are. */
function kept(path: string, value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'number') return value ?? null;
  const [collector, ...steps] = path.split('.');
  // The snapshot's own field, which is whole.
  const model = ALL_MODELS.find(({ name }) => name === collector);
  if (model === undefined) return value;
  const [entry = ''] = model.entries?.names ?? [];
  const isPlace = model.lists !== undefined && steps.at(-1) === '*';
  const field = fieldAt(
    model,
    steps.map((step) => (step === '*' ? (isPlace ? 0 : entry) : step)),
  );
  const scale = 10 ** (field?.digits ?? Number.NaN);
  return Math.round(value * scale) / scale;
}

/** What the column should hold, in the order of time and label. */
function expected(path: string): unknown[] {
  return snapshots.flatMap((snapshot) =>
    [...valuesAt(snapshot, path.split('.'))]
      .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .map(([, value]) => kept(path, value)),
  );
}

describe('Parquet holds what the snapshots said, in the column', () => {
  test.each(RECORDED.map(({ path, sql }) => [`${sql!.table}.${sql!.column}`, path, sql!] as const))(
    '%s: %s',
    async (_, path, { table, column }) => {
      const { labels, place } = TABLES.find(({ name }) => name === table)!;
      // What every row of a snapshot shares stands in the snapshot once.
      const isShared = labels.length > 0 && !path.includes('*');
      const order = ['timestamp', ...(isShared ? [] : [...labels, ...(place === undefined ? [] : [place])])];
      const ordered = `ORDER BY ${order.map((name) => `"${name}"`).join(', ')}`;
      const { rows } = await history.query(
        isShared
          ? `SELECT first("${column}") FROM "${table}" GROUP BY timestamp ${ordered}`
          : `SELECT "${column}" FROM "${table}" ${ordered}`,
      );
      expect(rows.map(([value]) => value)).toEqual(expected(path));
    },
  );
});

test('every table has a column that was compared', () => {
  const compared = new Set(RECORDED.map(({ sql }) => sql!.table));
  expect(TABLES.map(({ name }) => name).filter((name) => name !== 'custom' && !compared.has(name))).toEqual(
    [],
  );
});

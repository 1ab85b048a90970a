import { statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { errorMessage } from '../../base/errors.ts';
import { Engine } from '../engine/engine.ts';
import { PARQUET } from '../sealing/sealer.ts';
import { makeDirectory, publishFile, removeFile, spillDir, TEMPORARY_SUFFIX } from '../segments/files.ts';
import type { IncidentWindow } from '../segments/incident_windows.ts';
import type { Segment } from '../segments/manifest.ts';
import { OUTBOX } from '../segments/outbox.ts';
import { factsOf } from '../segments/parquet_footer.ts';
import { segmentScan, tableScan } from '../segments/segment_scan.ts';
import { leftOut, ROLLUPS, rollupName, rollupQuery, secondsQuery } from '../tables/rollup.ts';
import { keys, literal, quoted, TABLES, type Table } from '../tables/schema.ts';
import { concatenate } from './concatenation.ts';
import type { MergeAnswer, MergeTask } from './messages.ts';
import { isWithin, windowScan } from './window_scan.ts';

// A process of its own, at the lowest priority: it needs memory and seconds of CPU, once an hour.

const MEMORY_LIMIT = '512MB';
/** What the rollups of a table are made of. */
const SECONDS = 'seconds_of_the_hour';
/** From this many rows on average, segments are read as fast as larger ones and take hardly more room. */
const LARGE_ROWS = 8_192;

async function merge(task: MergeTask): Promise<Segment[]> {
  const engine = await Engine.open(MEMORY_LIMIT, spillDir(task.dataDir));
  const outputs: Segment[] = [];
  // The same files are read for raw rows and for seconds.
  await engine.run('SET parquet_metadata_cache = true');
  try {
    for (const table of TABLES) {
      for (const merge of await mergesOf(engine, task, table)) {
        const segment = await writeSegment(engine, task, table, merge);
        if (segment !== undefined) outputs.push(segment);
      }
    }
  } catch (error) {
    // Nobody will know of them until the next start, and a disk that is full needs the room.
    for (const { file } of outputs) removeFile(join(task.dataDir, file));
    throw error;
  }
  engine.close();
  return outputs;
}

async function mergesOf(engine: Engine, task: MergeTask, table: Table): Promise<Merge[]> {
  if (task.isForOutbox) return periodOf(task, table);
  if (task.windows !== undefined) return cutOf(task, table, task.windows);
  return task.hour === undefined ? dayOf(task, table) : hourOf(engine, task, table, task.hour);
}

/** What becomes one file. */
interface Merge {
  readonly name: string;
  readonly level: 'hour' | 'day' | 'incident';
  readonly query: string;
  readonly inputs: readonly Segment[];
  /** How many rows there are, where they stand in the temporary file already. */
  readonly written?: number | undefined;
}

/** The raw rows of a period, for the outbox. */
function periodOf({ dataDir, inputs }: MergeTask, table: Table): Merge[] {
  const raw = inputs.filter((segment) => segment.table === table.name).sort((a, b) => a.fromMs - b.fromMs);
  if (raw.length === 0) return [];
  return [{ name: table.name, level: 'hour', query: tableScan(dataDir, raw, table), inputs: raw }];
}

/** The raw rows of an hour, and what they are rolled up to. */
async function hourOf(
  engine: Engine,
  task: MergeTask,
  table: Table,
  hour: NonNullable<MergeTask['hour']>,
): Promise<Merge[]> {
  const { dataDir, inputs } = task;
  const raw = inputs.filter((segment) => segment.table === table.name).sort((a, b) => a.fromMs - b.fromMs);
  if (raw.length === 0) return [];
  const query = tableScan(dataDir, raw, table);
  const written = await concatenated(engine, task, table, raw);
  if (written === undefined) await rollUpSeconds(engine, table, `(${query})`);
  const merges: Merge[] = [{ name: table.name, level: 'hour', query, inputs: raw, written }];
  for (const rollup of ROLLUPS) {
    const name = rollupName(table, rollup);
    const query = rollupQuery(table, rollup, SECONDS);
    const days = inputs.filter((segment) => segment.table === name && segment.level === 'day');
    // A minute that comes late, when its hour is part of a day already: that part is replaced.
    const others = `SELECT * FROM ${segmentScan(dataDir, days)} WHERE epoch_ms("timestamp") NOT BETWEEN ${hour.fromMs} AND ${hour.toMs - 1}`;
    merges.push(
      days.length === 0
        ? { name, level: 'hour', query, inputs: raw }
        : {
            name,
            level: 'day',
            query: `SELECT * FROM (${others} UNION ALL BY NAME (${query}))`,
            inputs: [...days, ...raw],
          },
    );
  }
  return merges;
}

/** What raw rows have in windows, or what was cut out of them before. */
function cutOf(task: MergeTask, table: Table, windows: readonly IncidentWindow[]): Merge[] {
  const { dataDir, inputs } = task;
  const raw = inputs.filter((segment) => segment.table === table.name).sort((a, b) => a.fromMs - b.fromMs);
  if (raw.length === 0) return [];
  const query = windowScan(dataDir, raw, table, windows);
  const isWhole = !overlap(raw) && raw.every((segment) => isWithin(segment, windows));
  const written = isWhole ? putTogether(task, table, raw) : undefined;
  return [{ name: table.name, level: 'incident', query, inputs: raw, written }];
}

/**
 * Trouble may last for hours, of which every row is kept: nothing need be looked at to copy them. Returns how many
 * rows there are; undefined where the engine has to.
 */
function putTogether(task: MergeTask, table: Table, inputs: readonly Segment[]): number | undefined {
  try {
    concatenate(
      inputs.map(({ file }) => resolve(task.dataDir, file)),
      placeFor(task, table.name).temporary,
    );
    return inputs.reduce((sum, { rows }) => sum + rows, 0);
  } catch {
    return undefined;
  }
}

/** The rollups of a day. */
function dayOf({ dataDir, inputs }: MergeTask, table: Table): Merge[] {
  return ROLLUPS.flatMap((rollup) => {
    const name = rollupName(table, rollup);
    const hours = inputs.filter((segment) => segment.table === name);
    const query = `SELECT * FROM ${segmentScan(dataDir, hours)}`;
    return hours.length === 0 ? [] : [{ name, level: 'day', query, inputs: hours } satisfies Merge];
  });
}

/**
 * Raw rows are in the order of their time already, unless the clock was set back, and sorting an hour of a thousand
 * snapshots a second takes more memory than there is. What was grouped is in no order; ties within a timestamp must
 * not be shuffled: in order they compress better.
 */
function areInOrder(table: Table, { level, name, inputs }: Merge): boolean {
  return level !== 'day' && name === table.name && !overlap(inputs);
}

function overlap(inOrder: readonly Segment[]): boolean {
  return inOrder.some(({ fromMs }, index) => index > 0 && fromMs < inOrder[index - 1]!.toMs);
}

/** Returns the segment; undefined where nothing was left to be put into one. */
async function writeSegment(
  engine: Engine,
  task: MergeTask,
  table: Table,
  merge: Merge,
): Promise<Segment | undefined> {
  const { name, level, query, inputs } = merge;
  const { file, path, temporary } = placeFor(task, name);
  const order = areInOrder(table, merge)
    ? ''
    : `ORDER BY ${['timestamp', ...keys(table)].map(quoted).join(', ')}`;
  const rows =
    merge.written ??
    Number(await engine.value(`COPY (${query} ${order}) TO ${literal(temporary)} (${PARQUET})`));
  if (rows === 0 && level === 'incident') {
    removeFile(temporary);
    return undefined;
  }
  await publishFile(temporary, path);
  const span = {
    fromMs: Math.min(...inputs.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...inputs.map(({ toMs }) => toMs)),
  };
  // What was cut out covers less than what it was cut out of.
  const { fromMs = span.fromMs, toMs = span.toMs } = level === 'incident' ? factsOf(path) : span;
  return { table: name, file, level, fromMs, toMs, rows, bytes: statSync(path).size };
}

/** Where a merged segment goes, and what it is called until it is whole. */
function placeFor({ dataDir, stem, isForOutbox }: MergeTask, name: string) {
  const file = join(isForOutbox ? OUTBOX : 'segments', name, `${stem}.parquet`);
  const path = join(dataDir, file);
  makeDirectory(dirname(path));
  return { file, path, temporary: `${path}${TEMPORARY_SUFFIX}` };
}

async function rollUpSeconds(engine: Engine, table: Table, from: string): Promise<void> {
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${SECONDS} AS ${secondsQuery(table, from)}`);
}

/**
 * Puts large segments together as they are, and rolls up what came of it: at a thousand snapshots a second that saves
 * most of what merging costs. Returns how many rows there are; undefined where it will not do, because of damage or
 * of columns that were added meanwhile: then the engine has to.
 */
async function concatenated(
  engine: Engine,
  task: MergeTask,
  table: Table,
  inputs: readonly Segment[],
): Promise<number | undefined> {
  const rows = inputs.reduce((sum, segment) => sum + segment.rows, 0);
  if (rows < inputs.length * LARGE_ROWS || overlap(inputs)) return undefined;
  const { temporary } = placeFor(task, table.name);
  try {
    concatenate(
      inputs.map(({ file }) => resolve(task.dataDir, file)),
      temporary,
    );
    // Every value is read, here or there: damage to a minute must not become damage to its hour.
    const from = `read_parquet(${literal(temporary)})`;
    await rollUpSeconds(engine, table, from);
    const others = leftOut(table).map(quoted).join(', ');
    if (others !== '') await engine.run(`SELECT max(hash(${others})) FROM ${from}`);
    const found = await engine.value(`SELECT sum(samples)::INTEGER FROM ${SECONDS}`);
    return found === rows ? rows : undefined;
  } catch {
    return undefined;
  }
}

// Whoever asked has gone, and nobody would publish what is made here. An exit would wait for what is under way.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
setPriority(constants.priority.PRIORITY_LOW);
process.once('message', (task: MergeTask) => {
  const answer = (value: MergeAnswer): void => {
    process.send?.(value, () => process.exit());
  };
  merge(task).then(
    (segments) => answer({ ok: true, segments }),
    (error: unknown) => answer({ ok: false, message: errorMessage(error) }),
  );
});

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../shared/errors.ts';
import { Engine } from './engine.ts';
import { refusal, requireHarmless } from './query_gate.ts';
import type { FromQuery, JsonValue, QueryAnswer, QueryTask } from './query_messages.ts';
import { createViews } from './query_views.ts';
import { literal } from './schema.ts';
import { damagedSegments, mayBeDamage } from './segment_check.ts';

// A disposable process for one question at a time. Whatever a question does to it, it does to nobody else.

const MEMORY_LIMIT = '256MB';
const SELECT = 1;
/** An interrupt that comes before the engine has really begun is lost, so it is repeated. */
const INTERRUPT_EVERY_MS = 50;

async function answer(task: QueryTask): Promise<QueryAnswer> {
  requireHarmless(task.sql);
  const engine = await Engine.open(MEMORY_LIMIT);
  try {
    await createViews(engine, task);
    await enclose(engine, task);
    await requireSelect(engine, task.sql);
    return await withTimeout(engine, task.timeoutMs, () =>
      task.format === 'json' ? table(engine, task) : file(engine, task, task.format),
    );
  } finally {
    engine.close();
  }
}

/** From here on there is nothing but our segments: no other file, no network, no setting to undo it. */
async function enclose(engine: Engine, { dataDir, scratchDir, moreDirs = [] }: QueryTask): Promise<void> {
  const directories = [join(dataDir, 'segments'), scratchDir, ...moreDirs].map((directory) =>
    literal(`${directory}/`),
  );
  await engine.run(`SET allowed_directories = [${directories.join(', ')}]`);
  await engine.run('SET enable_external_access = false');
  await engine.run('SET lock_configuration = true');
}

/** What kind of statement it is, the engine knows best. */
async function requireSelect(engine: Engine, sql: string): Promise<void> {
  const statements = await engine.connection.extractStatements(sql);
  if (statements.count !== 1) {
    throw refusal('there is more than one statement (PIVOT needs its values listed with IN)');
  }
  const prepared = await statements.prepare(0);
  const type: number = prepared.statementType;
  prepared.destroySync();
  if (type !== SELECT) throw refusal('that statement does more than read');
}

async function withTimeout<T>(engine: Engine, timeoutMs: number, run: () => Promise<T>): Promise<T> {
  let late = false;
  const interrupt = setTimeout(() => {
    late = true;
    repeat = setInterval(() => engine.connection.interrupt(), INTERRUPT_EVERY_MS);
  }, timeoutMs);
  let repeat: NodeJS.Timeout | undefined;
  try {
    return await run();
  } catch (error) {
    if (!late) throw error;
    throw new HzstatError(
      'QUERY_TIMEOUT',
      `the query took longer than ${timeoutMs / 1_000} s; ask for less time or use the rollups`,
    );
  } finally {
    clearTimeout(interrupt);
    clearInterval(repeat);
  }
}

async function table(engine: Engine, { sql, mostRows }: QueryTask): Promise<QueryAnswer> {
  const startedMs = performance.now();
  const reader = await engine.connection.streamAndReadUntil(sql, mostRows + 1);
  const types = reader.columnTypes().map(String);
  const columns = reader.columnNames().map((name, index) => ({ name, type: types[index] ?? '' }));
  const all = reader.getRowsJson();
  const rows = all
    .slice(0, mostRows)
    .map((row) => row.map((value, index) => plain(value, types[index] ?? '')));
  const elapsed_ms = Math.round((performance.now() - startedMs) * 1_000) / 1_000;
  return {
    format: 'json',
    table: { columns, rows, row_count: rows.length, truncated: all.length > mostRows, elapsed_ms },
  };
}

/** The engine writes whole numbers and decimals as text; numbers that JSON can hold become numbers. */
function plain(value: unknown, type: string): JsonValue {
  if (typeof value === 'string') {
    if (/^(U?(BIG|HUGE|SMALL|TINY)INT|U?INTEGER|DECIMAL)/.test(type)) {
      const number = Number(value);
      return Number.isSafeInteger(number) || type.startsWith('DECIMAL') ? number : value;
    }
    if (type === 'TIMESTAMP WITH TIME ZONE') return value.replace(' ', 'T').replace(/\+00$/, 'Z');
    if (type === 'DOUBLE' || type === 'FLOAT') return null;
    return value;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item, type.replace(/\[\d*\]$/, '')));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, '')]));
}

async function file(engine: Engine, task: QueryTask, format: 'csv' | 'parquet'): Promise<QueryAnswer> {
  const path = join(task.scratchDir, `answer-${process.pid}.${format}`);
  const query = task.sql.trim().replace(/;\s*$/, '');
  const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd';
  await engine.run(
    `COPY (SELECT * FROM (\n${query}\n) LIMIT ${task.mostRows}) TO ${literal(path)} (${options})`,
  );
  const bytes = new Uint8Array(readFileSync(path));
  rmSync(path);
  return { format, bytes };
}

/** The engine's own errors in our terms. */
function explain(error: unknown): FromQuery {
  if (error instanceof HzstatError) return { type: 'error', code: error.code, message: error.message };
  const message = errorMessage(error).split('\n\n', 1)[0] ?? '';
  if (/out of memory|bad_alloc|bad allocation/i.test(message)) {
    const advice = `the query needs more memory than the ${MEMORY_LIMIT} it may have: ask for less time or use the rollups`;
    return { type: 'error', code: 'QUERY_OUT_OF_MEMORY', message: advice };
  }
  if (/^(Permission Error|Invalid Input Error: Cannot change configuration)/.test(message)) {
    return {
      type: 'error',
      code: 'QUERY_REFUSED',
      message: refusal('only the recorded history can be read').message,
    };
  }
  return { type: 'error', code: 'QUERY_INVALID', message };
}

/** Before a question is blamed, the files are looked at. */
async function blame(task: QueryTask, error: unknown): Promise<FromQuery> {
  if (!(error instanceof HzstatError) && mayBeDamage(error)) {
    const files = await damagedSegments(task.dataDir, task.segments);
    if (files.length > 0) return { type: 'damaged', files };
  }
  return explain(error);
}

process.on('message', (task: QueryTask) => {
  answer(task)
    .then(
      (result): FromQuery => ({ type: 'answer', answer: result }),
      (error: unknown) => blame(task, error),
    )
    .then(
      (message) => process.send?.(message),
      (error: unknown) => process.send?.(explain(error)),
    );
});
process.on('disconnect', () => process.exit());
process.send?.({ type: 'ready' } satisfies FromQuery);

import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../../base/errors.ts';
import { US_PER_MS } from '../../base/units.ts';
import { INCIDENTS_FOLDER } from '../../model/incidents/incident.ts';
import { Engine } from '../engine/engine.ts';
import { literal } from '../tables/schema.ts';
import { AnswerRows } from './answer_rows.ts';
import { jsonValue } from './json_value.ts';
import { writeNdjson } from './ndjson.ts';
import { refusal, requireHarmless } from './query_gate.ts';
import type { ExportFormat, FromQuery, JsonValue, QueryTask } from './query_messages.ts';
import { createTables, segmentsAskedFor } from './query_views.ts';
import { withoutEnd } from './statement_end.ts';

// A disposable process for one question at a time. Whatever a question does to it, it does to nobody else.

const LOWER_PRIORITY = 10;
const SELECT = 1;
/** What the engine writes by itself. */
const COPIES: Readonly<Record<Exclude<ExportFormat, 'ndjson'>, string>> = {
  csv: "FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ', USE_TMP_FILE false",
  // Groups of rows are put together in memory.
  parquet: 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 40960, USE_TMP_FILE false',
};
/** An interrupt that comes before the engine has really begun is lost, so it is repeated. */
const INTERRUPT_EVERY_MS = 50;

async function answer(task: QueryTask): Promise<FromQuery> {
  requireHarmless(task.sql);
  const engine = await Engine.open(`${task.memoryMb}MB`);
  try {
    return await withTimeout(engine, task, async () => {
      await createTables(engine, task, async () => {
        await enclose(engine, task);
        await requireSelect(engine, task.sql);
      });
      return task.format === 'json' ? table(engine, task) : write(engine, task, task.format);
    });
  } finally {
    engine.close();
  }
}

/** From here on there is nothing but our segments: no other file, no network, no setting to undo it. */
async function enclose(engine: Engine, { dataDir, scratchDir, moreDirs = [] }: QueryTask): Promise<void> {
  const scratch = scratchDir === undefined ? [] : [scratchDir];
  const own = ['segments', INCIDENTS_FOLDER].map((name) => join(dataDir, name));
  const directories = [...own, ...scratch, ...moreDirs].map((directory) => literal(`${directory}/`));
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

/**
 * An answer in JSON is waited for; an export waits for its reader, so what counts is how long it kept a core busy.
 *
 * @throws HzstatError QUERY_TIMEOUT
 */
async function withTimeout<T>(
  engine: Engine,
  { format, timeoutMs }: QueryTask,
  run: () => Promise<T>,
): Promise<T> {
  const spentMs = format === 'json' ? elapsed() : cpuSpent();
  let late = false;
  const watch = setInterval(() => {
    late ||= spentMs() > timeoutMs;
    if (late) engine.connection.interrupt();
  }, INTERRUPT_EVERY_MS);
  try {
    return await run();
  } catch (error) {
    if (!late) throw error;
    const what = format === 'json' ? 'took' : 'kept a core busy for';
    throw new HzstatError(
      'QUERY_TIMEOUT',
      `the query ${what} longer than ${timeoutMs / 1_000} s; ask for less time or use the rollups`,
    );
  } finally {
    clearInterval(watch);
  }
}

function elapsed(): () => number {
  const startMs = performance.now();
  return () => performance.now() - startMs;
}

function cpuSpent(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / US_PER_MS;
  };
}

async function table(engine: Engine, { sql, mostRows, mostBytes }: QueryTask): Promise<FromQuery> {
  const startedMs = performance.now();
  const answer = await AnswerRows.of(engine, sql);
  const columns = answer.names.map((name, index) => ({ name, type: answer.types[index] ?? '' }));
  const rows: JsonValue[][] = [];
  let bytes = 0;
  let truncated = false;
  // A chunk at a time: what is beyond the limits is never there as a whole.
  for await (const chunk of answer) {
    for (const row of chunk) {
      const cells = row.map(jsonValue);
      bytes += JSON.stringify(cells).length;
      truncated = rows.length === mostRows || bytes > mostBytes;
      if (truncated) break;
      rows.push(cells);
    }
    if (truncated) break;
  }
  const elapsed_ms = Math.round((performance.now() - startedMs) * 1_000) / 1_000;
  return {
    type: 'answer',
    table: { columns, rows, row_count: rows.length, truncated, elapsed_ms },
  };
}

/** Writes the rows into a named pipe, at the reader's pace. */
async function write(engine: Engine, task: QueryTask, format: ExportFormat): Promise<FromQuery> {
  const path = join(task.scratchDir ?? '', `answer.${format}`);
  const { status, error } = spawnSync('mkfifo', ['-m', '600', path], { stdio: 'ignore' });
  if (status !== 0) {
    const why = error?.message ?? `it ended with ${status}`;
    throw new HzstatError('QUERY_FAILED', `an export needs mkfifo(1): ${why}`);
  }
  const query = `SELECT * FROM (\n${withoutEnd(task.sql)}\n)`;
  // Before anybody reads: what is wrong with the question can still be told.
  await engine.run(`PREPARE question AS ${query}`);
  await engine.run('DEALLOCATE question');
  process.send?.({ type: 'writing', path } satisfies FromQuery);
  // Held open until all is written: while the engine has not opened it yet, it must not look finished.
  const held = openSync(path, 'w');
  try {
    if (format === 'ndjson') await writeNdjson(await AnswerRows.of(engine, task.sql), held);
    else await engine.run(`COPY (${query}) TO ${literal(path)} (${COPIES[format]})`);
  } finally {
    closeSync(held);
  }
  return { type: 'written' };
}

/** The engine's own errors in our terms. */
function explain(error: unknown, { memoryMb }: QueryTask): FromQuery {
  if (error instanceof HzstatError) return { type: 'error', code: error.code, message: error.message };
  const message = errorMessage(error).split('\n\n', 1)[0] ?? '';
  if (/out of memory|bad_alloc|bad allocation/i.test(message)) {
    const advice = `the query needs more memory than the ${memoryMb}MB it may have: ask for less time or use the rollups`;
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

/** Errors of the engine that are a statement's own doing, and of no file's. */
const OF_STATEMENT =
  /^(Parser|Binder|Catalog|Permission|Conversion|Out of Range|Out of Memory|Not implemented|Interrupt|Syntax|Constraint|Type Mismatch|Mismatch Type) Error/i;

/** What was wrong, and what may have been to blame besides the question. */
function blame(task: QueryTask, error: unknown): FromQuery {
  const explained = explain(error, task);
  if (error instanceof HzstatError || explained.type !== 'error') return explained;
  if (OF_STATEMENT.test(errorMessage(error))) return explained;
  return { ...explained, suspects: segmentsAskedFor(task) };
}

// Sampling goes first. Threads inherit it, and the engine's are started later.
setPriority(Math.min(getPriority() + LOWER_PRIORITY, constants.priority.PRIORITY_LOW));

process.on('message', (task: QueryTask) => {
  answer(task)
    .catch((error: unknown) => blame(task, error))
    .then((message) => process.send?.(message));
});
process.on('disconnect', () => process.exit());
process.send?.({ type: 'ready' } satisfies FromQuery);

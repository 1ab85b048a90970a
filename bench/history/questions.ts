import { Engine } from '../../src/history/engine/engine.ts';
import { QueryPool } from '../../src/history/queries/query_pool.ts';
import { createTables } from '../../src/history/queries/query_views.ts';
import { median } from '../measure/statistics.ts';
import type { Day } from './day.ts';

const TIMES = 5;
const MOST_ROWS = 10_000;
/** What a process that answers questions may have. */
const MEMORY_LIMIT = '256MB';
const US_PER_MS = 1_000;

/** A question people ask about a day. */
export interface Question {
  readonly figure: string;
  readonly name: string;
  readonly sql: string;
}

/** Medians of several times, in milliseconds. */
export interface QuestionCost extends Question {
  readonly rows: number;
  /** CPU of the engine, from the question to the rows. */
  readonly cpuMs: number;
  /** From the question to the answer of another process, with starting its engine and opening the files. */
  readonly answerMs: number;
}

export function questions({ toMs }: Pick<Day, 'toMs'>): Question[] {
  const end = new Date(toMs).toISOString();
  return [
    {
      figure: 'averages',
      name: 'one-minute averages of CPU',
      sql: `SELECT time_bucket(INTERVAL 1 minute, timestamp) AS minute, avg(usage_percent)
            FROM cpu GROUP BY minute ORDER BY minute`,
    },
    {
      figure: 'p99',
      name: 'p99 of CPU of each minute',
      sql: `SELECT time_bucket(INTERVAL 1 minute, timestamp) AS minute, quantile_cont(usage_percent, 0.99)
            FROM cpu GROUP BY minute ORDER BY minute`,
    },
    {
      figure: 'last_5_minutes',
      name: 'CPU of the last five minutes, every snapshot',
      sql: `SELECT timestamp, usage_percent FROM cpu
            WHERE timestamp >= TIMESTAMPTZ '${end}' - INTERVAL 5 minutes ORDER BY timestamp`,
    },
    {
      figure: 'per_core_maximum',
      name: 'maximum of each core',
      sql: 'SELECT core, max(usage_percent) FROM cpu_core GROUP BY core ORDER BY core',
    },
  ];
}

/** Asks each question several times of an engine like that of a query's process, and of such a process. */
export async function askQuestions(day: Day): Promise<QuestionCost[]> {
  const costs: QuestionCost[] = [];
  const pool = new QueryPool();
  try {
    for (const question of questions(day)) {
      const { rows, cpuMs } = await askEngine(day, question.sql);
      costs.push({ ...question, rows, cpuMs, answerMs: await askProcess(pool, day, question.sql) });
    }
  } finally {
    pool.close();
  }
  return costs;
}

async function askEngine(day: Day, sql: string): Promise<{ rows: number; cpuMs: number }> {
  const engine = await Engine.open(MEMORY_LIMIT);
  try {
    await createTables(engine, { ...day, sql });
    const cpuMs: number[] = [];
    let rows = 0;
    for (let i = 0; i < TIMES; i++) {
      const before = process.cpuUsage();
      const reader = await engine.connection.streamAndReadUntil(sql, MOST_ROWS + 1);
      rows = reader.getRowsJson().length;
      const { user, system } = process.cpuUsage(before);
      cpuMs.push((user + system) / US_PER_MS);
    }
    return { rows, cpuMs: median(cpuMs) ?? Number.NaN };
  } finally {
    engine.close();
  }
}

async function askProcess(pool: QueryPool, { dataDir, segments }: Day, sql: string): Promise<number> {
  const tookMs: number[] = [];
  for (let i = 0; i <= TIMES; i++) {
    const startedMs = performance.now();
    await pool.ask(async () => ({ sql, format: 'json', dataDir, segments }));
    // The first one may have had to start the process.
    if (i > 0) tookMs.push(performance.now() - startedMs);
  }
  return median(tookMs) ?? Number.NaN;
}

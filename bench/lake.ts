import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openLake } from '../src/forward/lake/lake_files.ts';
import { lakePath } from '../src/forward/lake/lake_path.ts';
import { Engine } from '../src/history/engine/engine.ts';
import { PARQUET } from '../src/history/sealing/sealer.ts';
import { periodName } from '../src/history/segments/outbox.ts';
import { literal } from '../src/history/tables/schema.ts';
import { endWhenInterrupted } from '../src/service/shutdown.ts';
import { writeDay } from './history/day.ts';
import { recordHost } from './history/recording.ts';
import { describeHost, hostFacts } from './measure/host.ts';
import { descendantsOf, reapedTicks, TICK_US } from './measure/process_stat.ts';
import { median } from './measure/statistics.ts';
import { MeasuredProcess } from './processes/measured_process.ts';
import { progress } from './report/progress.ts';
import { figure, renderTable } from './report/table.ts';

// npm run bench:lake: what it costs to ask a lake of many hosts which of them had slow writes, and when.

const HOUR_MS = 3_600_000;
const US_PER_MS = 1_000;
const START_MS = Date.UTC(2026, 0, 5);
const TABLE = 'disk_device';
/** Slow writes of one host, in one second, and how slow. */
const SPIKE = { host: 'host-13', atMs: START_MS + 17.35 * HOUR_MS, forMs: 2_000, latencyMs: 750 };

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '20' },
    hours: { type: 'string', default: '24' },
    seconds: { type: 'string', default: '60' },
    times: { type: 'string', default: '3' },
    dir: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const hosts = Number(values.hosts);
const hours = Number(values.hours);
const directory = values.dir ?? mkdtempSync(join(tmpdir(), 'hzstat-bench-lake-'));
const tidy = (): void => {
  MeasuredProcess.killAll();
  if (values.dir === undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
};
process.on('exit', tidy);
endWhenInterrupted(tidy);

const IN_HOUR = "WHERE timestamp >= '2026-01-05 17:00' AND timestamp < '2026-01-05 18:00'";
const QUESTIONS = [
  ['of the whole day', 'WHERE true'],
  ['of one hour', IN_HOUR],
  ['of one host and hour', `${IN_HOUR} AND host = '${SPIKE.host}'`],
] as const;

/** Which host and minute had the worst p99 of write latency, and in it the worst snapshot. */
function question(where: string): string {
  return `SELECT host, time_bucket(INTERVAL 1 minute, timestamp) AS minute,
                 quantile_cont(write_latency_ms, 0.99) AS p99_ms,
                 max(write_latency_ms) AS worst_ms, arg_max(timestamp, write_latency_ms) AS worst
          FROM ${TABLE} ${where} AND write_latency_ms IS NOT NULL
          GROUP BY host, minute ORDER BY p99_ms DESC LIMIT 1`;
}

/** A lake whose hours are a real one again and again, slower or faster by host and hour. */
async function writeLake(lake: string): Promise<void> {
  if (existsSync(lake)) return;
  const recordings = await recordHost(directory, Number(values.seconds));
  const { dataDir, segments } = await writeDay(directory, recordings, 2);
  const hour = segments.find(({ table, level }) => table === TABLE && level === 'hour');
  if (hour === undefined) throw new Error(`there is no hour of ${TABLE}`);
  progress(`writing ${hours} hours of ${hosts} hosts to ${lake}`);
  const engine = await Engine.open('512MB');
  for (let host = 0; host < hosts; host++) {
    for (let index = 0; index < hours; index++) {
      const fromMs = START_MS + index * HOUR_MS;
      const name = `host-${String(host).padStart(2, '0')}`;
      const stem = periodName({ fromMs, toMs: fromMs + HOUR_MS });
      const path = join(lake, lakePath({ table: TABLE, host: name, fromMs }, stem));
      mkdirSync(dirname(path), { recursive: true });
      const factor = 0.5 + ((host * 31 + index * 17) % 97) / 97;
      const stamp = `"timestamp" + INTERVAL ${index} hours`;
      const latency = `round(write_latency_ms * ${factor}, 3)`;
      const isSpike =
        name === SPIKE.host
          ? `${stamp} >= make_timestamptz(${SPIKE.atMs * US_PER_MS}) AND ${stamp} < make_timestamptz(${(SPIKE.atMs + SPIKE.forMs) * US_PER_MS})`
          : 'false';
      const columns = `* REPLACE (${stamp} AS "timestamp", CASE WHEN ${isSpike} THEN ${SPIKE.latencyMs} ELSE ${latency} END AS write_latency_ms)`;
      const source = literal(resolve(dataDir, hour.file));
      await engine.run(
        `COPY (SELECT ${columns} FROM read_parquet(${source})) TO ${literal(path)} (${PARQUET})`,
      );
    }
  }
  engine.close();
}

mkdirSync(directory, { recursive: true });
const host = hostFacts();
const lake = join(directory, `lake-${hosts}x${hours}`);
await writeLake(lake);
const rows: { name: string; cpu_ms: number; wall_ms: number; answer: string }[] = [];
for (const [name, where] of QUESTIONS) {
  const cpuMs: number[] = [];
  const wallMs: number[] = [];
  let answer = '';
  for (let time = 0; time < Number(values.times); time++) {
    const ticksBefore = reapedTicks();
    const before = process.cpuUsage();
    const startedMs = performance.now();
    const archive = openLake(lake, () => {});
    const result = await archive.query(question(where));
    wallMs.push(performance.now() - startedMs);
    archive.close();
    // What the process used that answered is known when it has ended.
    while (descendantsOf(process.pid).length > 0) await delay(10);
    const { user, system } = process.cpuUsage(before);
    cpuMs.push((user + system + (reapedTicks() - ticksBefore) * TICK_US) / US_PER_MS);
    answer = JSON.stringify(result.rows[0]);
  }
  rows.push({ name, cpu_ms: median(cpuMs) ?? Number.NaN, wall_ms: median(wallMs) ?? Number.NaN, answer });
}
const bytes = Number(spawnSync('du', ['-sb', lake], { encoding: 'utf8' }).stdout.split('\t')[0]);
if (values.json)
  process.stdout.write(`${JSON.stringify({ bench: 'lake', host, hosts, hours, bytes, rows })}\n`);
else {
  const table = renderTable(
    [
      {
        heading: `worst p99 of write latency, ${hosts} hosts, ${hours} h at 10 Hz, ${figure(bytes / 1e6)} MB`,
      },
      { heading: 'CPU ms', numeric: true },
      { heading: 'answered after ms', numeric: true },
      { heading: 'answer' },
    ],
    rows.map(({ name, cpu_ms, wall_ms, answer }) => [name, figure(cpu_ms), figure(wall_ms), answer]),
  );
  process.stdout.write(`${describeHost(host)}\n\n${table}\n`);
}

import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeHost, hostFacts } from './measure/host.ts';
import { pssBytes } from './measure/memory.ts';
import { readTreeUsage, type TreeUsage, usageBetween } from './measure/usage.ts';
import { HzstatProcess } from './processes/hzstat.ts';
import { MeasuredProcess } from './processes/measured_process.ts';
import { progress } from './report/progress.ts';
import { figure, renderTable } from './report/table.ts';

// npm run bench:launch: what the flags spare that the program chooses for this Node. Servers started with and without
// them run side by side, so that whatever else the host does meets both alike.

const HZ = 10;
const BYTES_PER_MB = 1_000_000;
const WAYS = ['hzstat', 'node FILE'] as const;

interface Moment {
  readonly usage: TreeUsage;
  readonly snapshots: number;
}

interface Row {
  readonly way: string;
  readonly until_s: number;
  /** CPU of the server and all that it started, in microseconds a snapshot. */
  readonly cpu_us: number;
  readonly pss_mb: number;
}

process.on('exit', () => MeasuredProcess.killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Ends of the windows, in seconds from the start. */
    until: { type: 'string', default: '60,600' },
    /** Servers of each kind. */
    pairs: { type: 'string', default: '2' },
  },
});
const ends = values.until.split(',').map(Number);
const servers: { readonly way: string; readonly server: HzstatProcess }[] = [];
for (let pair = 0; pair < Number(values.pairs); pair++) {
  for (const way of WAYS) {
    servers.push({
      way,
      server: await HzstatProcess.start({ hz: HZ, history: true, plain: way === 'node FILE' }),
    });
  }
}
const startedMs = performance.now();
const rows: Row[] = [];
await delay(1_000);
let before = await momentOfEach();
for (const end of ends) {
  progress(`until ${end} s`);
  await delay(Math.max(0, end * 1_000 - (performance.now() - startedMs)));
  const after = await momentOfEach();
  for (const way of WAYS) rows.push(row(way, end, before, after));
  before = after;
}
await Promise.all(servers.map(({ server }) => server.stop()));
const host = hostFacts();
if (values.json) process.stdout.write(`${JSON.stringify({ bench: 'launch', host, rows }, undefined, 2)}\n`);
else process.stdout.write(`${describeHost(host)}\n\n${table(rows)}`);

function momentOfEach(): Promise<Moment[]> {
  return Promise.all(
    servers.map(async ({ server }) => ({
      snapshots: await server.snapshots(),
      usage: readTreeUsage(server.pid),
    })),
  );
}

/** The mean of the servers that were started in one way. */
function row(way: string, end: number, from: readonly Moment[], to: readonly Moment[]): Row {
  const own = servers.map((each, index) => ({ ...each, index })).filter((each) => each.way === way);
  const cpuUs = own.map(({ index }) => {
    const { cpuUs, childrenUs } = usageBetween(from[index]!.usage, to[index]!.usage);
    return (cpuUs + childrenUs) / (to[index]!.snapshots - from[index]!.snapshots);
  });
  const pss = own.map(({ server }) => pssBytes(server.pid) ?? Number.NaN);
  return { way, until_s: end, cpu_us: mean(cpuUs), pss_mb: mean(pss) / BYTES_PER_MB };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function table(rows: readonly Row[]): string {
  return renderTable(
    [
      { heading: 'started as' },
      { heading: 'until', numeric: true },
      { heading: 'CPU µs a snapshot', numeric: true },
      { heading: 'PSS MB', numeric: true },
    ],
    rows.map(({ way, until_s, cpu_us, pss_mb }) => [way, `${until_s} s`, figure(cpu_us), figure(pss_mb)]),
  );
}

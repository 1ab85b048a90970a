import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeHost, hostFacts } from './measure/host.ts';
import { median } from './measure/statistics.ts';
import { readTreeUsage, usageBetween } from './measure/usage.ts';
import { HzstatProcess } from './processes/hzstat.ts';
import { MeasuredProcess } from './processes/measured_process.ts';
import { progress } from './report/progress.ts';
import { figure, renderTable } from './report/table.ts';

// npm run bench:scrape: what an answer to Prometheus costs the server, beside the same snapshot as JSON.

const HZ = 10;
/** The last is the control: hardly more than a request. */
const ROUTES = ['/metrics', '/snapshot', '/health'] as const;
const WARM_UP_MS = 20_000;
const WINDOW_MS = 4_000;

/** How requests come: as fast as they are answered, or at most one to a snapshot, as a scrape comes. */
const PACES = [
  { pace: 'at once', pauseMs: 0 },
  { pace: '10 a second', pauseMs: 1_000 / HZ },
] as const;

interface Row {
  readonly pace: string;
  readonly route: string;
  readonly bytes: number;
  /** CPU of the server, all its threads, above what it used in the windows without requests. */
  readonly cpu_us: number;
}

process.on('exit', () => MeasuredProcess.killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '7' } },
});
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const server = await HzstatProcess.start({ hz: HZ, history: false });
progress(`warming up for ${WARM_UP_MS / 1_000} s`);
await delay(WARM_UP_MS);
const rows: Row[] = [];
for (const { pace, pauseMs } of PACES) {
  const costs = new Map<string, number[]>(ROUTES.map((route) => [route, []]));
  const sizes = new Map<string, number>();
  for (let round = 0; round < Number(values.rounds); round++) {
    progress(`${pace}, round ${round + 1}`);
    for (const route of ROUTES) {
      // The control stands right beside what it is the control of: load and clock rates drift.
      const idleShare = (await measure(undefined, pauseMs)).cpuShare;
      const asked = await measure(route, pauseMs);
      costs.get(route)!.push(((asked.cpuShare - idleShare) * asked.elapsedUs) / asked.requests);
      sizes.set(route, asked.bytes);
    }
  }
  for (const route of ROUTES) {
    rows.push({ pace, route, bytes: sizes.get(route)!, cpu_us: median(costs.get(route)!) ?? Number.NaN });
  }
}
agent.destroy();
await server.stop();
const host = hostFacts();
if (values.json) process.stdout.write(`${JSON.stringify({ bench: 'scrape', host, rows }, undefined, 2)}\n`);
else process.stdout.write(`${describeHost(host)}\n\n${table(rows)}`);

/** One window, with requests for the route, or without any. */
async function measure(
  route: string | undefined,
  pauseMs: number,
): Promise<{ cpuShare: number; elapsedUs: number; requests: number; bytes: number }> {
  const before = readTreeUsage(server.pid);
  const end = performance.now() + WINDOW_MS;
  let requests = 0;
  let bytes = 0;
  if (route === undefined) await delay(WINDOW_MS);
  else {
    while (performance.now() < end) {
      bytes = await ask(new URL(route, server.url));
      requests++;
      if (pauseMs > 0) await delay(pauseMs);
    }
  }
  const { cpuUs, elapsedUs } = usageBetween(before, readTreeUsage(server.pid));
  return { cpuShare: cpuUs / elapsedUs, elapsedUs, requests, bytes };
}

/** Bytes of the body. */
function ask(url: URL): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let bytes = 0;
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.byteLength;
      });
      response.on('end', () => resolve(bytes));
      response.on('error', reject);
    }).on('error', reject);
  });
}

function table(all: readonly Row[]): string {
  return renderTable(
    [
      { heading: 'requests' },
      { heading: 'route' },
      { heading: 'bytes', numeric: true },
      { heading: 'CPU µs an answer', numeric: true },
    ],
    all.map(({ pace, route, bytes, cpu_us }) => [pace, route, `${bytes}`, figure(cpu_us)]),
  );
}

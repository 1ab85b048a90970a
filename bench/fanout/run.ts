import { setTimeout as delay } from 'node:timers/promises';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { EngineName } from '../../src/server/engine/engine.ts';
import { loadEngine } from '../../src/server/engines/load_engine.ts';
import { type Spread, spread } from '../measure/statistics.ts';
import { readTreeUsage, usageBetween } from '../measure/usage.ts';
import { HzstatProcess } from '../processes/hzstat.ts';
import { WsJsonServer } from '../processes/ws_json_server.ts';
import { Readers } from '../readers/readers.ts';
import { progress } from '../report/progress.ts';

export const HZ = 10;
const MS_PER_SECOND = 1_000;
/** Connections that decode what they receive; enough to see how late the last of a thousand is served. */
const DECODING = 50;
/** What clients add must be at least this share of what the server uses without them, or it cannot be told from noise. */
const LEAST_TOLD = 0.2;

export interface FanoutPlan {
  readonly clients: readonly number[];
  readonly windowSeconds: number;
  readonly settleSeconds: number;
  readonly warmUpSeconds: number;
}

/** What a number of clients cost one server. */
export interface FanoutRow {
  readonly server: EngineName | 'ws_json';
  readonly clients: number;
  readonly deliveries: number;
  readonly bytes_per_frame: number;
  /** CPU of the server in a second, sampling included, as a share of one core. */
  readonly core_percent: number;
  /** CPU a delivery, above what the same server uses without clients; absent where that is lost in the noise. */
  readonly cpu_us?: number;
  readonly latency_ms?: Spread;
  /** Connections the server closed. */
  readonly lost: number;
}

interface Streaming {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** The product without history on each engine this host has, then the control with a snapshot of the product's. */
export async function measureFanout(plan: FanoutPlan): Promise<FanoutRow[]> {
  const rows: FanoutRow[] = [];
  let snapshot: Snapshot | undefined;
  for (const engine of await enginesHere()) {
    const product = await HzstatProcess.start({ hz: HZ, history: false, engine });
    rows.push(...(await measureServer(engine, product, plan)));
    snapshot = JSON.parse(await (await fetch(new URL('/snapshot', product.url))).text());
    await product.stop();
  }
  if (snapshot === undefined) return rows;
  const control = await WsJsonServer.start(HZ, snapshot);
  rows.push(...(await measureServer('ws_json', control, plan)));
  await control.stop();
  return rows;
}

async function enginesHere(): Promise<EngineName[]> {
  const { engine } = await loadEngine('auto');
  return engine.name === 'uws' ? ['uws', 'node'] : ['node'];
}

async function measureServer(
  server: FanoutRow['server'],
  process: Streaming,
  plan: FanoutPlan,
): Promise<FanoutRow[]> {
  progress(`${server}: warming up for ${plan.warmUpSeconds} s`);
  await delay(plan.warmUpSeconds * MS_PER_SECOND);
  const idle = await usageIn(process.pid, plan.windowSeconds);
  const idleShare = idle.cpuUs / idle.elapsedUs;
  const rows: FanoutRow[] = [];
  for (const clients of plan.clients) {
    progress(`${server}: ${clients} client${clients === 1 ? '' : 's'}, ${plan.windowSeconds} s`);
    const readers = await Readers.start();
    await readers.connect(process.url, clients, Math.max(1, Math.floor(clients / DECODING)));
    await delay(plan.settleSeconds * MS_PER_SECOND);
    readers.begin();
    const usage = await usageIn(process.pid, plan.windowSeconds);
    const received = await readers.end();
    readers.stop();
    const latency = spread(received.latencies);
    const aboveIdleUs = usage.cpuUs - idleShare * usage.elapsedUs;
    const isTold = aboveIdleUs > LEAST_TOLD * idleShare * usage.elapsedUs;
    rows.push({
      server,
      clients,
      deliveries: received.frames,
      bytes_per_frame: received.bytes / received.frames,
      core_percent: (100 * usage.cpuUs) / usage.elapsedUs,
      ...(isTold && { cpu_us: aboveIdleUs / received.frames }),
      ...(latency && { latency_ms: latency }),
      lost: received.lost,
    });
    // The server is to have seen them go before it is measured again.
    await delay(plan.settleSeconds * MS_PER_SECOND);
  }
  return rows;
}

async function usageIn(pid: number, seconds: number): Promise<ReturnType<typeof usageBetween>> {
  const before = readTreeUsage(pid);
  await delay(seconds * MS_PER_SECOND);
  return usageBetween(before, readTreeUsage(pid));
}

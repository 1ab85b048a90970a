import { setTimeout as delay } from 'node:timers/promises';
import { HzstatClient } from '../../src/client/client.ts';
import { manifestPath, readManifest } from '../../src/history/segments/manifest.ts';
import { JOURNAL_MS } from '../../src/service/recording.ts';
import { reapedTicks, TICK_US } from '../measure/process_stat.ts';
import { median } from '../measure/statistics.ts';
import { readTreeUsage, usageBetween } from '../measure/usage.ts';
import { HzstatProcess } from '../processes/hzstat.ts';
import { progress } from '../report/progress.ts';
import { merge } from './merge.ts';

const MINUTE_MS = 60_000;
/** From this rate on, journals are full within seconds. */
const FAST_HZ = 1_000;
const US_PER_SECOND = 1e6;
/** A journal is sealed when its time is over; by then that is done. */
const AFTER_SEAL_MS = 5_000;

/** CPU of the process as a share of one core, in percent; children apart. */
export interface RecordingCost {
  readonly hz: number;
  readonly without: number;
  readonly with: number;
  /** The median of the differences of single windows. */
  readonly above: number;
  /** CPU of the process that merges what was recorded, as a share of one core while it was, in percent. */
  readonly merging: number;
}

/**
 * Runs the product twice at the same time, once recording and once not, with a client each, and compares them
 * window by window, each with the sealing that belongs to it: at high rates a minute, else what a journal covers.
 * What disturbs the machine disturbs both.
 */
export async function measureRecording(hz: number, windows: number): Promise<RecordingCost> {
  const windowMs = hz >= FAST_HZ ? MINUTE_MS : JOURNAL_MS;
  const minutes = windowMs / MINUTE_MS;
  progress(`recording at ${hz} Hz beside not recording: up to ${(windows + 1) * minutes + 1} minutes`);
  const pair = await Promise.all(
    [false, true].map(async (history) => {
      const server = await HzstatProcess.start({ hz, history });
      const client = await HzstatClient.connect({ url: server.url });
      const reading = drain(client);
      return { server, client, reading };
    }),
  );
  const usage = () => pair.map(({ server }) => readTreeUsage(server.pid));
  const shares: [without: number, recording: number][] = [];
  // Until the first window is sealed.
  await delay(windowMs - (Date.now() % windowMs) + AFTER_SEAL_MS);
  for (let window = 0, before = usage(); window < windows; window++) {
    await delay(windowMs - ((Date.now() - AFTER_SEAL_MS) % windowMs));
    const after = usage();
    const [without = Number.NaN, recording = Number.NaN] = after.map((now, index) => {
      const { cpuUs, elapsedUs } = usageBetween(before[index]!, now);
      return (100 * cpuUs) / elapsedUs;
    });
    shares.push([without, recording]);
    before = after;
  }
  const merging = await mergingPercent(pair[1]?.server.dataDir, hz);
  for (const { server, client, reading } of pair) {
    client.close();
    await reading;
    await server.stop();
  }
  const middle = (values: number[]): number => median(values) ?? Number.NaN;
  return {
    hz,
    without: middle(shares.map(([without]) => without)),
    with: middle(shares.map(([, recording]) => recording)),
    above: middle(shares.map(([without, recording]) => recording - without)),
    merging,
  };
}

/** Merges what is sealed as if their hour were over. Nobody is told of what comes out. */
async function mergingPercent(dataDir = '', hz: number): Promise<number> {
  const segments = readManifest(manifestPath(dataDir))?.segments ?? [];
  const inputs = segments.filter(({ level }) => level === 'minute');
  const snapshots = inputs
    .filter(({ table }) => table === 'sampling')
    .reduce((sum, { rows }) => sum + rows, 0);
  const before = reapedTicks();
  await merge({ dataDir, stem: 'h-bench', inputs });
  return (100 * (reapedTicks() - before) * TICK_US * hz) / (snapshots * US_PER_SECOND);
}

async function drain(client: HzstatClient): Promise<void> {
  for await (const _ of client);
}

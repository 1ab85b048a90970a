import { hostname } from 'node:os';
import { History } from '../history/history.ts';
import { Governor } from '../sampling/governor.ts';
import { formatDurationMs } from '../shared/units.ts';
import { StreamServer } from '../stream/stream_server.ts';
import { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { type Admission, admission } from './access.ts';
import type { AccessOptions } from './access_options.ts';
import { type BudgetOptions, budgetPercent } from './budget_options.ts';
import { historySampling, historySettings, queryService } from './history.ts';
import type { HistoryOptions, ListenAddress, SamplingOptions } from './options.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { VERSION } from './version.ts';

/** What cannot be stopped in this time (a read that hangs in the kernel) ends with the process. */
const LONGEST_SHUTDOWN_MS = 900;

export interface ServeOptions extends SamplingOptions, HistoryOptions, AccessOptions, BudgetOptions {
  listen: ListenAddress;
}

/** Samples and streams until SIGINT or SIGTERM. */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const admitted = admission(options, options.listen);
  const sampler = createSampler(options);
  const { aggregator } = sampler;
  const history = options.history ? await History.open(historySettings(options)) : undefined;
  const server = await StreamServer.start({
    listen: options.listen,
    access: admitted.access,
    tls: admitted.tls,
    limits: admitted.limits,
    source: aggregator,
    history: history && queryService(history),
    frameStore: history,
    version: VERSION,
    hostname: hostname(),
  }).catch(async (error: unknown) => {
    await history?.close();
    throw error;
  });
  if (history !== undefined) aggregator.reportHistory(() => historySampling(history));
  aggregator.subscribe((snapshots) => {
    // One encoding serves the stream and the journal: what is recorded is what was sent.
    const encoded = snapshots.map((snapshot) => new EncodedSnapshot(snapshot));
    server.publish(encoded);
    if (history !== undefined) for (const { frame, timestamp } of encoded) history.record(frame, timestamp);
  });
  const budget = budgetPercent(options.budget, options.interval);
  if (budget !== undefined) aggregator.govern(new Governor(options.interval, budget), say);
  aggregator.start();
  announce(options, admitted, server.port);
  void explainGaps(sampler);
  await untilSignalled();
  const told = server.close();
  const stopped = await Promise.race([sampler.stop().then(() => true), patience(LONGEST_SHUTDOWN_MS)]);
  await told;
  await history?.close();
  leave(stopped && aggregator.latest?.disk?.partitions_stuck === undefined);
}

/** Ends the process, whose exit handlers would wait for ever for a thread that hangs in the kernel. */
function leave(nothingHangs: boolean): void {
  if (nothingHangs) process.exit(0);
  say('a read hangs in the kernel (a dead mount?); leaving without it');
  process.removeAllListeners('SIGTERM');
  process.kill(process.pid, 'SIGTERM');
}

function announce(options: ServeOptions, { access, tls, warnings }: Admission, port: number): void {
  const { listen, interval, collectors, history, dataDir } = options;
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  const rate =
    interval <= 1_000 ? `${1_000 / interval} times a second` : `every ${formatDurationMs(interval)}`;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  say(`hzstat ${VERSION} listens on ${url}`);
  if (access.token !== undefined) say(`a browser is let in by opening ${url}/?token=<token> once`);
  for (const warning of warnings) say(`beware: ${warning}`);
  const budget = budgetPercent(options.budget, interval);
  const within = budget === undefined ? 'whatever it costs' : `within ${budget} % of a core`;
  say(`sampling ${collectors.join(', ')} ${rate}, ${within}`);
  say(history ? `recording to ${dataDir}` : 'recording nothing (--no-history)');
}

/** Once everything had its chance to warm up, says what this host does not offer. */
async function explainGaps({ aggregator }: Sampler): Promise<void> {
  let snapshot = await aggregator.collectAll();
  for (let i = 0; i < 100 && snapshot.perf_events?.events === undefined; i++)
    snapshot = await aggregator.collectAll();
  for (const [name, state] of Object.entries(snapshot.sampling.collectors)) {
    if (state.state === 'failed') say(`${name}: ${state.message}`);
  }
  const { cpu, perf_events } = snapshot;
  if (perf_events?.error !== undefined) say(`perf_events: ${perf_events.error}`);
  if (cpu?.temperature_celsius === null) say('cpu: this host has no temperature sensor');
}

function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

function patience(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms));
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

import { networkInterfaces } from 'node:os';
import { log } from '../../base/log.ts';
import { formatDurationMs } from '../../base/units.ts';
import { lakeTitle } from '../../forward/lake/lake_place.ts';
import { watchStatuses } from '../../incidents/watches/watch_list.ts';
import type { Watch } from '../../model/incidents/watch.ts';
import { Governor } from '../../sampling/governor.ts';
import { type Address, ENGINE_TITLES } from '../../server/engine/engine.ts';
import { type EngineChoice, loadEngine } from '../../server/engines/load_engine.ts';
import { type Admission, admission } from '../../service/admission.ts';
import { type Forwarding, forwardingOf } from '../../service/forwarding.ts';
import type { Sampler } from '../../service/sampler.ts';
import { Service, type ServiceOptions } from '../../service/service.ts';
import type { AccessOptions, RemoteWriteOptions } from '../../service/settings.ts';
import { leave } from '../../service/shutdown.ts';
import { VERSION } from '../../service/version.ts';
import { type BudgetOptions, budgetPercent } from '../options/budget_options.ts';
import type { ConfigOptions } from '../options/config_options.ts';
import type { LogOptions } from '../options/log_options.ts';

export interface ServeOptions
  extends ServiceOptions,
    AccessOptions,
    BudgetOptions,
    RemoteWriteOptions,
    ConfigOptions,
    LogOptions {
  engine: EngineChoice;
}

/** Samples and streams until SIGINT or SIGTERM. */
export async function serveCommand(options: ServeOptions): Promise<void> {
  // Whoever wants it to end while it begins has it end in good order, too.
  const signalled = untilSignalled();
  const { engine } = await loadEngine(options.engine);
  const admitted = admission(options, options.listen, engine.name);
  const forwarding = forwardingOf(options);
  const service = await Service.open(options, admitted, engine, forwarding);
  const { aggregator } = service;
  const budget = budgetPercent(options.budget, options.interval);
  if (budget !== undefined) {
    aggregator.govern(new Governor(options.interval, budget), (message) =>
      log.warn(message, { subject: 'budget' }),
    );
  }
  aggregator.start();
  const names = aggregator.collectors.map(({ name }) => name);
  announce(options, names, admitted, service, forwarding);
  void explainGaps(service.sampler, signalled);
  await signalled;
  leave(await service.close(), log.error);
}

function announce(
  options: ServeOptions,
  collectors: readonly string[],
  { access, tls, warnings }: Admission,
  { port, engine, incidents }: Service,
  forwarding: Forwarding | undefined,
): void {
  const { listen, interval, history, dataDir, lake, lakePeriod } = options;
  const rate =
    interval <= 1_000 ? `${1_000 / interval} times a second` : `every ${formatDurationMs(interval)}`;
  const url = addressFor(listen, tls === undefined ? 'http' : 'https', port);
  const everywhere = 'host' in listen && ALL_ADDRESSES.has(listen.host) ? ' and all other addresses' : '';
  log.info(
    `hzstat ${VERSION} listens on ${url}${everywhere} (${ENGINE_TITLES[engine]}, Node ${process.versions.node})`,
    { version: VERSION, url, engine, node: process.versions.node },
  );
  if (options.config !== undefined) log.info(`configured by ${options.config}`, { config: options.config });
  if (access.token !== undefined) log.info(`a browser is let in by opening ${url}/?token=<token> once`);
  for (const warning of warnings) log.warn(`beware: ${warning}`);
  const budget = budgetPercent(options.budget, interval);
  const within = budget === undefined ? 'whatever it costs' : `within ${budget} % of a core`;
  log.info(`sampling ${collectors.join(', ')} ${rate}, ${within}`, { interval_ms: interval });
  if (lake !== undefined)
    log.info(
      `filling the lake in ${lakeTitle(lake)} every ${formatDurationMs(lakePeriod)} as ${options.label.host}`,
      { lake: lakeTitle(lake), host: options.label.host },
    );
  for (const warning of forwarding?.warnings ?? []) log.warn(`beware: ${warning}`);
  for (const url of forwarding?.settings.urls ?? []) log.info(`sending to ${url}`, { url });
  if (history) log.info(`recording to ${dataDir}`, { data_dir: dataDir });
  else log.info('recording nothing (--no-history)');
  for (const line of watchLines(incidents?.watches ?? [], new Set(collectors))) log.info(line);
}

/** What is watched for, and what is not, with the flag that would change that. */
function watchLines(watches: readonly Watch[], running: ReadonlySet<string>): string[] {
  if (watches.length === 0) return ['watching for nothing (--no-watches)'];
  const statuses = watchStatuses(watches, running);
  const active = statuses.filter(({ state }) => state === 'active').map(({ name }) => name);
  const inactive = new Map<string, string[]>();
  for (const { name, needs } of statuses) {
    if (needs !== undefined) inactive.set(needs, [...(inactive.get(needs) ?? []), name]);
  }
  return [
    `watching for ${active.join(', ')}`,
    ...[...inactive].map(([needs, names]) => `not watching for ${names.join(', ')}: that takes ${needs}`),
  ];
}

/** Once everything had its chance to warm up, says what this host does not offer. */
async function explainGaps({ aggregator }: Sampler, signalled: Promise<void>): Promise<void> {
  let isEnding = false;
  void signalled.then(() => {
    isEnding = true;
  });
  let snapshot = await aggregator.collectAll();
  for (let i = 0; i < 100 && snapshot.perf_events?.events === undefined; i++) {
    // To ask for another would start what is being stopped.
    if (isEnding) return;
    snapshot = await aggregator.collectAll();
  }
  for (const [name, state] of Object.entries(snapshot.sampling.collectors)) {
    if (state.state === 'failed') log.warn(state.message, { subject: name, code: state.code });
    if (state.state !== 'ok') continue;
    for (const [field, { message }] of Object.entries(state.sources ?? {})) {
      if (message !== undefined) log.info(`${field}: ${message}`, { subject: name, field });
    }
  }
  const { cpu, perf_events } = snapshot;
  if (perf_events?.error !== undefined) log.info(perf_events.error, { subject: 'perf_events' });
  if (cpu?.temperature_celsius === null) log.info('this host has no temperature sensor', { subject: 'cpu' });
}

/** Where a client finds the server: of all addresses of this host, one that can be opened. */
function addressFor(at: Address, scheme: string, port: number): string {
  if ('path' in at) return `unix:${at.path}`;
  const host = ALL_ADDRESSES.has(at.host) ? reachableAddress() : at.host;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const ALL_ADDRESSES: ReadonlySet<string> = new Set(['0.0.0.0', '::', '::0', '0']);

function reachableAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outward = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return (outward.find(({ family }) => family === 'IPv4') ?? outward[0])?.address ?? '127.0.0.1';
}

function untilSignalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}

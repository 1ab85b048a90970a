import { Governor } from '../sampling/governor.ts';
import { formatDurationMs } from '../shared/units.ts';
import { type Admission, admission } from './access.ts';
import type { AccessOptions } from './access_options.ts';
import { type BudgetOptions, budgetPercent } from './budget_options.ts';
import type { Sampler } from './sampler.ts';
import { Service, type ServiceOptions } from './service.ts';
import { leave } from './shutdown.ts';
import { VERSION } from './version.ts';

export interface ServeOptions extends ServiceOptions, AccessOptions, BudgetOptions {}

/** Samples and streams until SIGINT or SIGTERM. */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const admitted = admission(options, options.listen);
  const service = await Service.open(options, admitted);
  const { aggregator } = service;
  const budget = budgetPercent(options.budget, options.interval);
  if (budget !== undefined) {
    aggregator.govern(new Governor(options.interval, budget), say, () => service.isCrowded());
  }
  aggregator.start();
  const names = aggregator.collectors.map(({ name }) => name);
  announce(options, names, admitted, service.port);
  void explainGaps(service.sampler);
  await untilSignalled();
  leave(await service.close());
}

function announce(
  options: ServeOptions,
  collectors: readonly string[],
  { access, tls, warnings }: Admission,
  port: number,
): void {
  const { listen, interval, history, dataDir } = options;
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

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

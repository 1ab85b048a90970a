import { COLLECTOR_NAMES } from '../model/collectors.ts';
import { CollectorPool } from '../sampling/collector_pool.ts';
import { CollectorThread } from '../sampling/collector_thread.ts';
import { checkModules } from '../sampling/custom_module.ts';
import { MetricsAggregator } from '../sampling/metrics_aggregator.ts';
import type { WatchLinks } from '../watching/crossing.ts';
import type { SamplingOptions } from './settings.ts';

/** The sampling half of the product: collectors in their threads and the aggregator that merges them. */
export interface Sampler {
  readonly aggregator: MetricsAggregator;
  stop(): Promise<void>;
}

/**
 * Wires collectors, threads and aggregator together; nothing is read before the aggregator is started.
 *
 * @param linksFor where readings are held against watches; told the names of the collectors of the user's
 * @throws HzstatError COLLECTOR_BAD_MODULE or COLLECTOR_DUPLICATE for a module given by path that cannot be used
 */
export async function createSampler(
  options: SamplingOptions,
  linksFor: (ownCollectors: readonly string[]) => WatchLinks | undefined = () => undefined,
): Promise<Sampler> {
  const host = { rootfs: options.rootfs, perfCpus: options.perfCpus };
  const modules = await checkModules(options.collector, host);
  const links = linksFor(modules.map(({ name }) => name));
  const pool = new CollectorPool();
  const collectors = [
    ...options.collectors.map((name) => new CollectorThread(name, pool, host, undefined, links)),
    ...modules.map(({ name, url }) => new CollectorThread(name, pool, host, url, links)),
  ];
  const aggregator = new MetricsAggregator(collectors, { intervalMs: options.interval });
  for (const name of COLLECTOR_NAMES) {
    if (!options.collectors.includes(name))
      aggregator.offerCollector(name, () => new CollectorThread(name, pool, host, undefined, links));
  }
  return {
    aggregator,
    async stop() {
      await aggregator.stop();
      await pool.destroy();
    },
  };
}

import { CollectorPool } from '../sampling/collector_pool.ts';
import { CollectorThread } from '../sampling/collector_thread.ts';
import { checkModules } from '../sampling/custom_module.ts';
import { MetricsAggregator } from '../sampling/metrics_aggregator.ts';
import type { SamplingOptions } from './settings.ts';

/** The sampling half of the product: collectors in their threads and the aggregator that merges them. */
export interface Sampler {
  readonly aggregator: MetricsAggregator;
  stop(): Promise<void>;
}

/**
 * Wires collectors, threads and aggregator together; nothing is read before the aggregator is started.
 *
 * @throws HzstatError COLLECTOR_BAD_MODULE or COLLECTOR_DUPLICATE for a module given by path that cannot be used
 */
export async function createSampler(options: SamplingOptions): Promise<Sampler> {
  const host = { rootfs: options.rootfs, perfCpus: options.perfCpus };
  const modules = await checkModules(options.collector, host);
  const pool = new CollectorPool();
  const collectors = [
    ...options.collectors.map((name) => new CollectorThread(name, pool, host)),
    ...modules.map(({ name, url }) => new CollectorThread(name, pool, host, url)),
  ];
  const aggregator = new MetricsAggregator(collectors, { intervalMs: options.interval });
  return {
    aggregator,
    async stop() {
      await aggregator.stop();
      await pool.destroy();
    },
  };
}

import { CollectorPool } from '../sampling/collector_pool.ts';
import { CollectorThread } from '../sampling/collector_thread.ts';
import { MetricsAggregator } from '../sampling/metrics_aggregator.ts';
import type { SamplingOptions } from './options.ts';

/** The sampling half of the product: collectors in their threads and the aggregator that merges them. */
export interface Sampler {
  readonly aggregator: MetricsAggregator;
  stop(): Promise<void>;
}

/** Wires collectors, threads and aggregator together; nothing is read before the aggregator is started. */
export function createSampler(options: SamplingOptions): Sampler {
  const pool = new CollectorPool();
  const host = { rootfs: options.rootfs, perfCpus: options.perfCpus };
  const collectors = options.collectors.map((name) => new CollectorThread(name, pool, host));
  const aggregator = new MetricsAggregator(collectors, { intervalMs: options.interval });
  return {
    aggregator,
    async stop() {
      await aggregator.stop();
      await pool.destroy();
    },
  };
}

import type { CollectorModel } from '../../model/collector.ts';
import { ALL_MODELS } from '../../model/collectors.ts';
import { weightsOf } from '../../model/field.ts';

/** Fields that tell about a stretch of time; all others tell about its end. */
const MEAN_FIELD =
  /_per_sec$|^(usage|user|nice|system|idle|iowait|irq|softirq|steal|busy|some|full)_percent$|_latency_ms$/;

/** Whether a field tells about a stretch of time, so that its mean is what counts. */
export function isMeanField(key: string): boolean {
  return MEAN_FIELD.test(key);
}

const WEIGHTS: ReadonlyMap<string, string> = new Map(
  ALL_MODELS.flatMap(({ fields, maps = {} }: CollectorModel) =>
    [fields, ...Object.values(maps).map((entries) => entries.fields)].flatMap((group) => [
      ...weightsOf(group),
    ]),
  ),
);

/**
 * The field beside it by which, besides the time it covers, a value weighs in the mean: what a mean over requests
 * was made of. Undefined for what is a mean over time alone.
 */
export function weightFieldOf(key: string): string | undefined {
  return WEIGHTS.get(key);
}

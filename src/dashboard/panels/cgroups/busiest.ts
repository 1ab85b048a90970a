import type { Buckets } from '../../data/buckets.ts';
import { metricOf } from '../../data/metric.ts';

/** What of a stretch of time one group used, by the name of its series. */
interface Use {
  readonly key: string;
  readonly total: number;
}

/**
 * The series of the groups that used most in a stretch of time, the busiest first. Those shown before keep their
 * places until others use a fifth more, so that rows do not change places with every column.
 */
export function busiestOf(
  buckets: Buckets,
  candidates: readonly string[],
  shown: readonly string[],
  most: number,
): string[] {
  const HEADSTART = 1.2;
  const uses: Use[] = candidates.map((key) => {
    const values = buckets.bands.get(key)?.avg ?? [];
    const total = values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    return { key, total: shown.includes(key) ? total * HEADSTART : total };
  });
  const chosen = uses
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1))
    .slice(0, most)
    .map(({ key }) => key);
  const kept = shown.filter((key) => chosen.includes(key));
  // The same groups stay in the same order; others come in by what they used.
  return kept.length === chosen.length ? kept : chosen;
}

/** The name a person knows best: what people gave, else the short one. */
export function shortName(key: string): string {
  const { label } = metricOf(key);
  return /\(([^()]+)\)$/.exec(label)?.[1] ?? label;
}

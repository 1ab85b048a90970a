/** The built-in collectors, in the order they appear in a snapshot. The file of each bears its name. */
export const COLLECTOR_NAMES = [
  'cpu',
  'memory',
  'network',
  'disk',
  'perf_events',
  'memory_bandwidth',
] as const;

export type CollectorName = (typeof COLLECTOR_NAMES)[number];

export function isCollectorName(name: string): name is CollectorName {
  return (COLLECTOR_NAMES as readonly string[]).includes(name);
}

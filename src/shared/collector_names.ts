/** The built-in collectors that run unless told otherwise. */
export const DEFAULT_COLLECTORS = [
  'cpu',
  'memory',
  'network',
  'disk',
  'perf_events',
  'memory_bandwidth',
] as const;

/** Those that run when they are asked for: each is one more thread to wake. */
export const EXTRA_COLLECTORS = ['pressure', 'interrupts'] as const;

/** The built-in collectors, in the order they appear in a snapshot. The file of each bears its name. */
export const COLLECTOR_NAMES = [...DEFAULT_COLLECTORS, ...EXTRA_COLLECTORS] as const;

export type CollectorName = (typeof COLLECTOR_NAMES)[number];

export function isCollectorName(name: string): name is CollectorName {
  return (COLLECTOR_NAMES as readonly string[]).includes(name);
}

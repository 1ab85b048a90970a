import type { PerfEventsData } from '../../model/snapshot.ts';

/** A figure that follows from two events, or the reason why it cannot be had. */
export type Derived = { value: number; estimated: boolean } | { missing: string };

/** `numerator` per `denominator`, both counted over the same interval. */
export function ratio(perf: PerfEventsData, numerator: string, denominator: string): Derived {
  for (const event of [denominator, numerator]) {
    const counted = perf.events[event];
    if (counted === undefined || counted.value === null) return { missing: reason(perf, event) };
  }
  const above = perf.events[numerator]!;
  const below = perf.events[denominator]!;
  if (below.value === 0) return { missing: `${denominator} counted nothing` };
  const estimated = (above.running_percent ?? 100) < 99.9 || (below.running_percent ?? 100) < 99.9;
  return { value: above.value! / below.value!, estimated };
}

function reason(perf: PerfEventsData, event: string): string {
  if (perf.sample_time === undefined && perf.error === undefined) return 'perf has not reported yet';
  if (perf.unsupported_events?.includes(event)) return `${event} is not supported by this host`;
  if (perf.missing_events?.includes(event)) return `perf does not know ${event}`;
  if (perf.events[event] !== undefined) return `${event} got no counter`;
  return perf.error ?? `${event} was not counted`;
}

/** An event's count per second, in its own unit. */
export function perSecond(perf: PerfEventsData, event: string): number | undefined {
  const value = perf.events[event]?.value;
  const elapsedMs = perf.elapsed_ms ?? perf.interval_ms;
  return value === null || value === undefined || elapsedMs <= 0 ? undefined : (value / elapsedMs) * 1_000;
}

import { NS_PER_MS } from '../../src/base/units.ts';
import { type Ceiling, mostWithin } from '../counters/ceiling.ts';
import { PERF_EVENTS } from './event_list.ts';

/** No core is clocked faster than this, nor counts more than this in a cycle. */
const FASTEST_HZ = 1e10;
const MOST_PER_CYCLE = 16;
/** What the kernel does at most a second on one CPU: each costs it a hundred nanoseconds and more. */
const KERNEL_EVENTS_PER_SECOND = 1e7;
/** How far perf's own clock may be off: it reads counters one CPU after the other. */
const TOLERANCE = 1.25;
const MS_OFF = 50;

/** Of one CPU. */
const CEILINGS: ReadonlyMap<string, Ceiling> = new Map(
  PERF_EVENTS.map((name) => [name, ceilingOf(name)] as const),
);

function ceilingOf(name: (typeof PERF_EVENTS)[number]): Ceiling {
  switch (name) {
    case 'cpu-clock':
      return { perSecond: 1_000 * TOLERANCE, atOnce: MS_OFF };
    case 'context-switches':
    case 'cpu-migrations':
    case 'page-faults':
      return { perSecond: KERNEL_EVENTS_PER_SECOND, atOnce: KERNEL_EVENTS_PER_SECOND / 10 };
    case 'cycles':
      return { perSecond: FASTEST_HZ * TOLERANCE, atOnce: FASTEST_HZ / 10 };
    default:
      return { perSecond: FASTEST_HZ * MOST_PER_CYCLE, atOnce: FASTEST_HZ };
  }
}

/** Whether that number of CPUs can have counted that in the time: counters that were shared are scaled up, at times absurdly. */
export function canHaveCounted(
  event: string,
  { value, unit }: { readonly value: number; readonly unit: string | null },
  cpus: number,
  elapsedMs: number,
): boolean {
  const ceiling = CEILINGS.get(event);
  if (ceiling === undefined || !(elapsedMs > 0)) return true;
  // Without a unit the clock is in nanoseconds.
  const counted = event === 'cpu-clock' && unit !== 'msec' ? value / NS_PER_MS : value;
  return counted <= cpus * mostWithin(ceiling, elapsedMs * NS_PER_MS);
}

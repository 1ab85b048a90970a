import { uptime } from 'node:os';
import { monotonicNs } from '../../src/base/clock.ts';
import { MS_PER_SECOND, NS_PER_MS } from '../../src/base/units.ts';
import { MS_PER_JIFFY, type ProcessReading } from './process_scanner.ts';

/** Tells processes apart, also those that bear the same number one after the other. */
export function keyOf({ pid, startedJiffies }: ProcessReading): string {
  return `${pid} ${startedJiffies}`;
}

/** A process id is used again: what started at another time is another process. */
export function same(before: ProcessReading | undefined, now: ProcessReading): ProcessReading | undefined {
  return before?.startedJiffies === now.startedJiffies ? before : undefined;
}

/** On the monotonic clock, which stands still in suspend while the time since boot goes on. */
export function startedNs({ startedJiffies }: ProcessReading): number {
  const asleepNs = uptime() * MS_PER_SECOND * NS_PER_MS - monotonicNs();
  return startedJiffies * MS_PER_JIFFY * NS_PER_MS - asleepNs;
}

export function startedAt({ startedJiffies }: ProcessReading): string {
  const bootMs = Date.now() - uptime() * MS_PER_SECOND;
  return new Date(bootMs + startedJiffies * MS_PER_JIFFY).toISOString();
}

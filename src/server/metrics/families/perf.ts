import { MS_PER_SECOND } from '../../../base/units.ts';
import type { PerfEventData, Snapshot } from '../../../model/snapshot.ts';
import { type Family, familyOf, type Value } from '../family.ts';
import { labelsOf } from '../labels.ts';

/** The unit perf gives to clocks; plain counts have none. */
const CLOCK_UNIT = 'msec';

/** What perf counted over its latest interval and in all, in a unit that differs from event to event. */
export const PERF_FAMILIES: readonly Family<Snapshot>[] = [
  ofEvents(
    'hzstat_perf_events_per_second',
    'Events counted on the watched CPUs in the latest interval of perf, per second.',
    null,
    (event, elapsedMs) => perMs(event, elapsedMs) * MS_PER_SECOND,
  ),
  ofEvents(
    'hzstat_perf_clock_seconds_per_second',
    'Seconds this clock of perf advanced per second, on the watched CPUs together.',
    CLOCK_UNIT,
    perMs,
  ),
  ofEvents(
    'hzstat_perf_events_total',
    'Events counted on the watched CPUs since the sampler started.',
    null,
    ({ total }) => total,
  ),
  ofEvents(
    'hzstat_perf_clock_seconds_total',
    'Seconds this clock of perf advanced since the sampler started, on the watched CPUs together.',
    CLOCK_UNIT,
    ({ total }) => total && total / MS_PER_SECOND,
  ),
];

/** A series of each event of that unit. */
function ofEvents(
  name: string,
  help: string,
  unit: string | null,
  value: (event: PerfEventData, elapsedMs: number) => Value,
): Family<Snapshot> {
  return familyOf(name, help, ({ perf_events }, emit) => {
    const { events = {}, elapsed_ms = 0 } = perf_events ?? {};
    for (const [event, data] of Object.entries(events)) {
      if (data.unit === unit) emit(labelsOf({ event }), value(data, elapsed_ms));
    }
  });
}

/** What was counted in each millisecond; not-a-number, which makes no series, where that is not known. */
function perMs({ value }: PerfEventData, elapsedMs: number): number {
  return value === null || elapsedMs <= 0 ? Number.NaN : value / elapsedMs;
}

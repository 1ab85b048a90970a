import type { Snapshot } from '../../../model/snapshot.ts';
import { counter, type Family, forEach, gauge, type Row } from '../family.ts';
import { labelsOf } from '../labels.ts';

const MS_PER_SECOND = 1_000;
/** The unit perf gives to clocks; plain counts have none. */
const CLOCK_UNIT = 'msec';

/** What perf counted over its latest interval and in all, in a unit that differs from event to event. */
export const PERF_FAMILIES: readonly Family<Snapshot>[] = [
  ...forEach<Snapshot, number>(
    (snapshot) => ratesIn(snapshot, null, MS_PER_SECOND),
    [
      gauge(
        'hzstat_perf_events_per_second',
        'Events counted on the watched CPUs in the latest interval of perf, per second.',
        (rate) => rate,
      ),
    ],
  ),
  ...forEach<Snapshot, number>(
    (snapshot) => ratesIn(snapshot, CLOCK_UNIT, 1),
    [
      gauge(
        'hzstat_perf_clock_seconds_per_second',
        'Seconds this clock of perf advanced per second, on the watched CPUs together.',
        (rate) => rate,
      ),
    ],
  ),
  ...forEach<Snapshot, number>(
    (snapshot) => totalsIn(snapshot, null, 1),
    [
      counter(
        'hzstat_perf_events_total',
        'Events counted on the watched CPUs since the sampler started.',
        (total) => total,
      ),
    ],
  ),
  ...forEach<Snapshot, number>(
    (snapshot) => totalsIn(snapshot, CLOCK_UNIT, 1 / MS_PER_SECOND),
    [
      counter(
        'hzstat_perf_clock_seconds_total',
        'Seconds this clock of perf advanced since the sampler started, on the watched CPUs together.',
        (total) => total,
      ),
    ],
  ),
];

/** What events of this unit counted in all, times `scale`. */
function totalsIn({ perf_events }: Snapshot, unit: string | null, scale: number): Row<number>[] {
  return Object.entries(perf_events?.events ?? {})
    .filter(([, { total, unit: its }]) => typeof total === 'number' && its === unit)
    .map(([event, { total }]) => [labelsOf({ event }), (total ?? 0) * scale]);
}

/** What events of this unit counted in each millisecond, times `scale`. */
function ratesIn({ perf_events }: Snapshot, unit: string | null, scale: number): Row<number>[] {
  const { events = {}, elapsed_ms = 0 } = perf_events ?? {};
  if (elapsed_ms <= 0) return [];
  const rows: Row<number>[] = [];
  for (const [event, data] of Object.entries(events)) {
    if (data.value === null || data.unit !== unit) continue;
    rows.push([labelsOf({ event }), (data.value / elapsed_ms) * scale]);
  }
  return rows;
}

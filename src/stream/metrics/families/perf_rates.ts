import type { Snapshot } from '../../../shared/snapshot.ts';
import { type Family, forEach, gauge, type Row } from '../family.ts';
import { labelsOf } from '../labels.ts';

const MS_PER_SECOND = 1_000;
/** The unit perf gives to clocks; plain counts have none. */
const CLOCK_UNIT = 'msec';

/** perf counts by interval: these are rates over its latest one, in a unit that differs from event to event. */
export const PERF_RATE_FAMILIES: readonly Family<Snapshot>[] = [
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
];

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

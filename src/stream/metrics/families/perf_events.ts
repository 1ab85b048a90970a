import type { PerfEventsData } from '../../../shared/snapshot.ts';
import { ratio } from '../base_units.ts';
import { type Family, forEach, gauge, type Row, rowsBy } from '../family.ts';
import { labelsOf } from '../labels.ts';

const MS_PER_SECOND = 1_000;
/** The unit perf gives to clocks; plain counts have none. */
const CLOCK_UNIT = 'msec';

/** perf counts by interval and keeps no totals: these are rates over its latest one. */
export const PERF_EVENTS_FAMILIES: readonly Family<PerfEventsData>[] = [
  gauge(
    'hzstat_perf_available',
    'Whether all events that were asked for are counted. Those that are have their series either way.',
    (data) => data.available,
  ),
  gauge(
    'hzstat_perf_user_space_only',
    "Whether the kernel's part is not counted, for want of permission.",
    ({ user_space_only = false }) => user_space_only,
  ),
  ...forEach<PerfEventsData, number>(
    (data) => rates(data, null, MS_PER_SECOND),
    [
      gauge(
        'hzstat_perf_events_per_second',
        'Events counted on the watched CPUs in the latest interval of perf, per second.',
        (rate) => rate,
      ),
    ],
  ),
  ...forEach<PerfEventsData, number>(
    (data) => rates(data, CLOCK_UNIT, 1),
    [
      gauge(
        'hzstat_perf_clock_seconds_per_second',
        'Seconds this clock of perf advanced per second, on the watched CPUs together.',
        (rate) => rate,
      ),
    ],
  ),
  ...forEach(
    ({ events }: PerfEventsData) => rowsBy('event', events),
    [
      gauge(
        'hzstat_perf_event_running_ratio',
        'Share of the interval in which the event was really counted; below 1 its rate is an estimate.',
        ({ running_percent }) => ratio(running_percent),
      ),
    ],
  ),
];

/** What events of this unit counted in each millisecond, times `scale`. */
function rates({ events, elapsed_ms }: PerfEventsData, unit: string | null, scale: number): Row<number>[] {
  if (elapsed_ms === undefined || elapsed_ms <= 0) return [];
  const rows: Row<number>[] = [];
  for (const [event, data] of Object.entries(events)) {
    if (data.value === null || data.unit !== unit) continue;
    rows.push([labelsOf({ event }), (data.value / elapsed_ms) * scale]);
  }
  return rows;
}

import { MS_PER_SECOND } from '../../base/units.ts';
import { AS_IT_IS, toBaseUnit } from '../base_unit.ts';
import { labelsOf } from '../labels.ts';
import { type Measure, type MeasuredFamily, measured } from '../measured_family.ts';

/** The unit perf gives to clocks; plain counts have none. */
const CLOCK_UNIT = 'msec';
const CLOCK_DECIMALS = 6;

/** What perf counted over its latest interval and in all, in a unit that differs from event to event. */
export const PERF_FAMILIES: readonly MeasuredFamily[] = [
  ofEvents(
    'hzstat_perf_events_per_second',
    'Events counted on the watched CPUs in the latest interval of perf, per second.',
    false,
    'value',
    measured('rate', pathOf('value'), 1, { times: MS_PER_SECOND, over: 1 }),
  ),
  ofEvents(
    'hzstat_perf_clock_seconds_per_second',
    'Seconds this clock of perf advanced per second, on the watched CPUs together.',
    true,
    'value',
    measured('rate', pathOf('value'), CLOCK_DECIMALS, AS_IT_IS),
  ),
  ofEvents(
    'hzstat_perf_events_total',
    'Events counted on the watched CPUs since the sampler started.',
    false,
    'total',
    measured('counter', pathOf('total'), 0),
  ),
  ofEvents(
    'hzstat_perf_clock_seconds_total',
    'Seconds this clock of perf advanced since the sampler started, on the watched CPUs together.',
    true,
    'total',
    measured('counter', pathOf('total'), CLOCK_DECIMALS, toBaseUnit('ms')),
  ),
];

function pathOf(field: string): Measure['path'] {
  return (event) => `perf_events.events.${event}.${field}`;
}

/** A series of each event that is a clock, or of each that is none. */
function ofEvents(
  name: string,
  help: string,
  ofClocks: boolean,
  field: 'value' | 'total',
  measure: Measure,
): MeasuredFamily {
  return {
    name,
    help,
    visit(snapshot, visit) {
      const { events, elapsed_ms } = recordOf(Reflect.get(snapshot, 'perf_events'));
      for (const [event, data] of Object.entries(recordOf(events))) {
        const values = recordOf(data);
        // A unit that is none is no text; another than that of clocks, nobody knows what to make of.
        if (ofClocks ? values.unit !== CLOCK_UNIT : typeof values.unit === 'string') continue;
        if (field === 'total') visit(labelsOf({ event }), values.total, measure, event);
        else visit(labelsOf({ event }), values.value, measure, event, elapsed_ms ?? 0);
      }
    },
  };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

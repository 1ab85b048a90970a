import { collector } from './collector.ts';
import { counter, orAbsentOrNull, orNull, share } from './field.ts';

const UNDEFINED = 'null where the kernel does not define it: full of cpu, some of irq';

export const pressure = collector({
  name: 'pressure',
  meaning: 'What the want of a resource cost the tasks that wanted it.',
  source: '/proc/pressure',
  onRequest: true,
  fields: {},
  entries: {
    names: ['cpu', 'memory', 'io', 'irq'],
    label: 'resource',
    meaning: 'Each resource; irq only where the kernel accounts it.',
    table: 'pressure',
    fields: {
      some_percent: orAbsentOrNull(
        share('Time in which at least one task waited for this resource.'),
        `${UNDEFINED}; absent in the first sample`,
      ),
      full_percent: orAbsentOrNull(
        share('Time in which all tasks that had something to do waited for this resource.'),
        `${UNDEFINED}; absent in the first sample`,
      ),
      some_total_us: orNull(
        counter('us', 'Time since boot in which at least one task waited for this resource.', {
          metric: 'hzstat_pressure_some_seconds_total',
        }),
        UNDEFINED,
      ),
      full_total_us: orNull(
        counter(
          'us',
          'Time since boot in which all tasks that had something to do waited for this resource.',
          {
            metric: 'hzstat_pressure_full_seconds_total',
          },
        ),
        UNDEFINED,
      ),
    },
  },
});

import { collector } from './collector.ts';
import { counter, flag, gauge, orAbsent, orNull, text, texts } from './field.ts';

const UNRECORDED = { recorded: false } as const;

export const perf_events = collector({
  name: 'perf_events',
  meaning: 'Events the processor and the kernel count, as of the latest complete interval of perf.',
  source: 'perf stat',
  fields: {
    available: flag(
      'Whether all events that were asked for are counted; those that are have values either way.',
      {
        metric: 'hzstat_perf_available',
      },
    ),
    cpu_cores: text('The CPUs that are watched.', UNRECORDED),
    interval_ms: gauge('ms', 'What perf was asked for.', UNRECORDED),
    sample_time: orAbsent(
      text('Seconds since perf started, at the end of the interval.', UNRECORDED),
      'absent before the first interval is over',
    ),
    elapsed_ms: orAbsent(
      gauge('ms', 'Real length of the interval the values were counted over.', { digits: 3 }),
      'absent before the first interval is over',
    ),
    user_space_only: orAbsent(
      flag("Whether the kernel's part is not counted, for want of permission.", {
        metric: { name: 'hzstat_perf_user_space_only', whenAbsent: 0 },
      }),
      'absent where the kernel is counted, too',
    ),
    missing_events: orAbsent(
      texts('Events that were asked for and that this perf does not know.'),
      'absent where there are none',
    ),
    unsupported_events: orAbsent(
      texts('Events that were asked for and that this machine cannot count.'),
      'absent where there are none',
    ),
    error: orAbsent(
      text('Why events cannot be had, and what to do about it.', UNRECORDED),
      'absent while there is nothing to complain about',
    ),
  },
  maps: {
    events: {
      label: 'event',
      meaning: 'Every event that can be counted here, by its name.',
      table: 'perf_events',
      // Without it nobody could tell how many that is a second.
      shared: ['elapsed_ms'],
      fields: {
        value: orNull(
          gauge('', 'What was counted in the interval.', {
            digits: 3,
            // Clocks have a family of their own, in seconds.
            metric: { name: 'hzstat_perf_events_per_second', derived: true },
          }),
          'null: the event was on no counter in the interval, or more was counted than can have happened; `sources` says which',
        ),
        total: orNull(
          counter('', 'What was counted in all intervals since the sampler started.', {
            digits: 3,
            metric: { name: 'hzstat_perf_events_total', derived: true },
          }),
          'null: the event was on a counter in no interval so far',
        ),
        unit: orNull(text('`msec` for clocks.'), 'null: a plain count'),
        running_percent: orAbsent(
          gauge(
            'percent',
            'Share of the interval the event was really counted; below 100 the value is an estimate.',
            {
              metric: 'hzstat_perf_event_running_ratio',
            },
          ),
          'absent where perf does not say',
        ),
      },
    },
  },
});

import { collector } from './collector.ts';
import { count, counter, flag, gauge, orAbsent, orAbsentOrNull, text, type Unit } from './field.ts';

const SCHEDULER = 'the monotonic clock';
const EXACT = { digits: 3 } as const;

const CLOCK = { within: 'clock', source: 'chronyc, timedatectl or pmc, once a minute' } as const;
const NOBODY_KEEPS_IT =
  'null: nobody keeps the clock, and `clock_message` says what was asked; absent until that is known';

const NOT_SENT = 'absent when nothing is sent by remote write';

function sent(unit: Unit, meaning: string, name: string) {
  const options = { source: 'remote write', metric: `hzstat_remote_write_${name}_total` };
  return orAbsent(counter(unit, meaning, options), NOT_SENT);
}

/** The truth about the sample, and what it cost. */
export const sampling = collector({
  name: 'sampling',
  meaning: 'How true the snapshot is, and what it cost.',
  source: SCHEDULER,
  table: 'sampling',
  beside: {
    sequence: counter('snapshots', 'Rises by one with each snapshot of this run of the sampler.'),
  },
  fields: {
    tick: counter('ticks', 'Number of the tick: monotonic time divided by the interval.'),
    missed_ticks: counter('ticks', 'Ticks since the sampler started that have no snapshot.', {
      metric: 'hzstat_sampling_missed_ticks_total',
    }),
    interval_ms: gauge('ms', 'Time between two ticks, as scheduled.', {
      ...EXACT,
      metric: 'hzstat_sampling_interval_seconds',
    }),
    actual_interval_ms: orAbsent(
      gauge('ms', 'Time between the reads of this tick and those before.', {
        ...EXACT,
        metric: 'hzstat_sampling_actual_interval_seconds',
      }),
    ),
    lateness_ms: gauge('ms', 'How long after the scheduled tick its last read began.', {
      ...EXACT,
      metric: 'hzstat_sampling_lateness_seconds',
    }),
    cpu_percent: orAbsent(
      gauge('percent', 'CPU the sampler used in the last second, all its threads, as a share of one core.', {
        ...EXACT,
        source: '/proc/self/task/*/schedstat',
      }),
      'absent in the first second after the start',
    ),
    memory_bytes: count('bytes', 'Resident memory of the sampler.', { source: '/proc/self/statm' }),
    clock_source: orAbsentOrNull(
      text('Who keeps the clock of this host: chrony, timesyncd or ptp.', CLOCK),
      NOBODY_KEEPS_IT,
    ),
    clock_offset_ms: orAbsentOrNull(
      gauge('ms', 'What the clock of this host is ahead of true time, as who keeps it says.', {
        ...CLOCK,
        ...EXACT,
        metric: 'hzstat_clock_offset_seconds',
      }),
      NOBODY_KEEPS_IT,
    ),
    clock_uncertainty_ms: orAbsentOrNull(
      gauge('ms', 'How far off that offset may be.', {
        ...CLOCK,
        ...EXACT,
        metric: 'hzstat_clock_uncertainty_seconds',
      }),
      NOBODY_KEEPS_IT,
    ),
    clock_synchronised: orAbsentOrNull(
      flag('Whether the clock follows one outside of this host; 1 or 0 in SQL.', {
        ...CLOCK,
        recorded: true,
        metric: 'hzstat_clock_synchronised',
      }),
      NOBODY_KEEPS_IT,
    ),
    remote_write_lag_ms: orAbsent(
      gauge('ms', 'Time up to this snapshot that a receiver of remote write does not have yet.', {
        digits: 0,
        source: 'remote write',
        metric: 'hzstat_remote_write_lag_seconds',
      }),
      NOT_SENT,
    ),
    remote_write_sent_samples: sent('samples', 'Samples that receivers of remote write took.', 'samples'),
    remote_write_dropped_samples: sent(
      'samples',
      'Samples that a receiver of remote write refused.',
      'dropped_samples',
    ),
    remote_write_skipped_snapshots: sent(
      'snapshots',
      'Snapshots that were gone before they could be sent by remote write.',
      'skipped_snapshots',
    ),
    remote_write_retries: sent('requests', 'Requests of remote write that were made again.', 'retries'),
  },
  maps: {
    collectors: {
      label: 'collector',
      meaning: 'How each collector fared in this tick.',
      table: 'sampling_collector',
      fields: {
        state: text('ok, warming_up, late, failed or disabled.'),
        lateness_ms: orAbsent(
          gauge('ms', 'How long after the scheduled tick the read began.', {
            ...EXACT,
            metric: 'hzstat_collector_lateness_seconds',
          }),
          'absent unless the state is ok',
        ),
        duration_ms: orAbsent(
          gauge('ms', 'How long reading and computing took.', {
            ...EXACT,
            metric: 'hzstat_collector_read_duration_seconds',
          }),
          'absent unless the state is ok',
        ),
        elapsed_ms: orAbsent(
          gauge('ms', 'The time that rates and shares of this collector cover.', {
            ...EXACT,
            metric: 'hzstat_collector_elapsed_seconds',
          }),
          'absent where there are no rates',
        ),
        missed_ticks: orAbsent(
          counter('ticks', 'Ticks this collector slept through.', {
            metric: 'hzstat_collector_missed_ticks_total',
          }),
          'absent unless the state is ok or late',
        ),
        code: orAbsent(text('Why it fails, as the code of its error.'), 'absent unless the state is failed'),
      },
    },
  },
});

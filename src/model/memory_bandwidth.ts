import { collector } from './collector.ts';
import { counter as counterOf, orNull, rate as rateOf, type Unit } from './field.ts';

const NOT_COUNTED = 'null: this kernel has no swap built in, or does not count it';

function counter(unit: Unit, meaning: string, name: string) {
  return orNull(
    counterOf(unit, `${meaning}, since boot.`, { metric: `hzstat_paging_${name}_total` }),
    NOT_COUNTED,
  );
}

/** Null where the kernel does not count; the whole collector has no first sample, so a rate is never absent. */
function rate(unit: Unit, counter: string, meaning: string, name: string) {
  const field = rateOf(unit, counter, meaning, { metric: `hzstat_paging_${name}_per_second` });
  return orNull({ ...field, presence: 'always' as const }, NOT_COUNTED);
}

export const memory_bandwidth = collector({
  name: 'memory_bandwidth',
  meaning: 'Paging and block I/O. This is not traffic between CPU and memory.',
  source: '/proc/vmstat',
  table: 'memory_bandwidth',
  fields: {
    pgpgin_per_sec: rate('KB/s', 'pgpgin', 'Read from block devices, swap included.', 'read_bytes'),
    pgpgout_per_sec: rate('KB/s', 'pgpgout', 'Written to block devices, swap included.', 'written_bytes'),
    pswpin_per_sec: rate('KB/s', 'pswpin', 'Swapped in.', 'swap_in_bytes'),
    pswpout_per_sec: rate('KB/s', 'pswpout', 'Swapped out.', 'swap_out_bytes'),
    pgfault_per_sec: rate('events/s', 'pgfault', 'Page faults, minor and major.', 'faults'),
    pgmajfault_per_sec: rate(
      'events/s',
      'pgmajfault',
      'Page faults that had to wait for a disk.',
      'major_faults',
    ),
    pgpgin: counter('KB', 'Read from block devices, swap included', 'read_bytes'),
    pgpgout: counter('KB', 'Written to block devices, swap included', 'written_bytes'),
    pswpin: counter('KB', 'Swapped in', 'swap_in_bytes'),
    pswpout: counter('KB', 'Swapped out', 'swap_out_bytes'),
    pgfault: counter('events', 'Page faults, minor and major', 'faults'),
    pgmajfault: counter('events', 'Page faults that had to wait for a disk', 'major_faults'),
    oom_kills: orNull(
      counterOf('events', 'Processes the kernel ended because memory ran out, since boot.', {
        source: 'oom_kill of /proc/vmstat',
        metric: 'hzstat_oom_kills_total',
      }),
      'null before Linux 4.13',
    ),
  },
});

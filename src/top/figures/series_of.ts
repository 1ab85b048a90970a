import type { Snapshot } from '../../model/snapshot.ts';
import { ratio } from './perf_figures.ts';
import type { SeriesValues } from './recent.ts';

/** What a snapshot adds to the charts: where it stands for several, the largest of them. */
export function seriesOf(snapshot: Snapshot): SeriesValues {
  const { cpu, memory, network, disk, perf_events, memory_bandwidth, pressure, interrupts, sampling } =
    snapshot;
  const peak = peaksOf(snapshot);
  const cycles = perf_events && ratio(perf_events, 'instructions', 'cycles');
  return {
    cpu_usage: peak(cpu?.usage_percent, 'cpu', 'usage_percent'),
    memory_used: peak(memory?.percent, 'memory', 'percent'),
    network_in: peak(network?.bytes_recv_per_sec, 'network', 'bytes_recv_per_sec'),
    network_out: peak(network?.bytes_sent_per_sec, 'network', 'bytes_sent_per_sec'),
    disk_read: peak(disk?.read_bytes_per_sec, 'disk', 'read_bytes_per_sec'),
    disk_write: peak(disk?.write_bytes_per_sec, 'disk', 'write_bytes_per_sec'),
    page_faults: peak(memory_bandwidth?.pgfault_per_sec, 'memory_bandwidth', 'pgfault_per_sec'),
    instructions_per_cycle: cycles && 'value' in cycles ? cycles.value : undefined,
    cpu_pressure: peak(pressure?.cpu?.some_percent, 'pressure', 'cpu', 'some_percent'),
    memory_pressure: peak(pressure?.memory?.some_percent, 'pressure', 'memory', 'some_percent'),
    io_pressure: peak(pressure?.io?.some_percent, 'pressure', 'io', 'some_percent'),
    context_switches: peak(interrupts?.context_switches_per_sec, 'interrupts', 'context_switches_per_sec'),
    interrupts: peak(interrupts?.interrupts_per_sec, 'interrupts', 'interrupts_per_sec'),
    own_cpu: sampling.cpu_percent,
    lateness: sampling.lateness_ms,
  };
}

export type Peak = (value: number | null | undefined, ...path: string[]) => number | null | undefined;

/** Looks a value up among the largest of its interval, if the server was asked for them. */
export function peaksOf({ maximum }: Snapshot): Peak {
  if (maximum === undefined) return (value) => value;
  return (value, ...path) => {
    let found: unknown = maximum;
    for (const key of path) {
      if (typeof found !== 'object' || found === null) return value;
      found = Reflect.get(found, key);
    }
    return typeof found === 'number' ? found : value;
  };
}

/** Monotonic time of a snapshot's tick: unlike the wall clock it is never set. */
export function tickTimeMs({ sampling }: Snapshot): number {
  return sampling.tick * sampling.interval_ms;
}

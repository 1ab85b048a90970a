import type { Snapshot } from '../../shared/snapshot.ts';
import { ratio } from './perf_figures.ts';
import type { SeriesValues } from './recent.ts';

/** What a snapshot adds to the charts. */
export function seriesOf(snapshot: Snapshot): SeriesValues {
  const { cpu, memory, network, disk, perf_events, memory_bandwidth, pressure, interrupts, sampling } =
    snapshot;
  const cycles = perf_events && ratio(perf_events, 'instructions', 'cycles');
  return {
    cpu_usage: cpu?.usage_percent,
    memory_used: memory?.percent,
    network_in: network?.bytes_recv_per_sec,
    network_out: network?.bytes_sent_per_sec,
    disk_read: disk?.read_bytes_per_sec,
    disk_write: disk?.write_bytes_per_sec,
    page_faults: memory_bandwidth?.pgfault_per_sec,
    instructions_per_cycle: cycles && 'value' in cycles ? cycles.value : undefined,
    cpu_pressure: pressure?.cpu.some_percent,
    memory_pressure: pressure?.memory.some_percent,
    io_pressure: pressure?.io.some_percent,
    context_switches: interrupts?.context_switches_per_sec,
    interrupts: interrupts?.interrupts_per_sec,
    own_cpu: sampling.cpu_percent,
    lateness: sampling.lateness_ms,
  };
}

/** Monotonic time of a snapshot's tick: unlike the wall clock it is never set. */
export function tickTimeMs({ sampling }: Snapshot): number {
  return sampling.tick * sampling.interval_ms;
}

import type { MemoryBandwidthData } from '../../../shared/snapshot.ts';
import { bytesFromKib } from '../base_units.ts';
import { type Family, gauge } from '../family.ts';

/** Named for what they are: none of this is traffic between CPU and memory. */
export const MEMORY_BANDWIDTH_FAMILIES: readonly Family<MemoryBandwidthData>[] = [
  gauge(
    'hzstat_paging_read_bytes_per_second',
    'Read from block devices in the latest interval, swap included. Not DRAM traffic.',
    ({ pgpgin_per_sec }) => bytesFromKib(pgpgin_per_sec),
  ),
  gauge(
    'hzstat_paging_written_bytes_per_second',
    'Written to block devices in the latest interval, swap included. Not DRAM traffic.',
    ({ pgpgout_per_sec }) => bytesFromKib(pgpgout_per_sec),
  ),
  gauge(
    'hzstat_paging_swap_in_bytes_per_second',
    'Swapped in during the latest interval.',
    ({ pswpin_per_sec }) => bytesFromKib(pswpin_per_sec),
  ),
  gauge(
    'hzstat_paging_swap_out_bytes_per_second',
    'Swapped out during the latest interval.',
    ({ pswpout_per_sec }) => bytesFromKib(pswpout_per_sec),
  ),
  gauge(
    'hzstat_paging_faults_per_second',
    'Page faults in the latest interval, minor and major.',
    (data) => data.pgfault_per_sec,
  ),
  gauge(
    'hzstat_paging_major_faults_per_second',
    'Page faults in the latest interval that had to wait for a disk.',
    (data) => data.pgmajfault_per_sec,
  ),
];

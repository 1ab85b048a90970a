import type { MemoryData } from '../../../shared/snapshot.ts';
import { ratio } from '../base_units.ts';
import { type Family, gauge } from '../family.ts';

export const MEMORY_FAMILIES: readonly Family<MemoryData>[] = [
  gauge('hzstat_memory_total_bytes', 'Memory the kernel has to give.', (data) => data.total_bytes),
  gauge(
    'hzstat_memory_available_bytes',
    'Memory that could be had without swapping.',
    (data) => data.available_bytes,
  ),
  gauge('hzstat_memory_used_bytes', 'Total minus available memory.', (data) => data.used_bytes),
  gauge('hzstat_memory_used_ratio', 'Share of the memory that is used.', ({ percent }) => ratio(percent)),
  gauge('hzstat_memory_swap_total_bytes', 'Size of all swap space.', (data) => data.swap_total_bytes),
  gauge('hzstat_memory_swap_used_bytes', 'Swap space in use.', (data) => data.swap_used_bytes),
  gauge('hzstat_memory_swap_used_ratio', 'Share of the swap space that is used.', ({ swap_percent }) =>
    ratio(swap_percent),
  ),
  gauge('hzstat_memory_buffers_bytes', 'Cache of raw block devices.', (data) => data.buffers_bytes),
  gauge(
    'hzstat_memory_cached_bytes',
    'Page cache together with reclaimable slab.',
    (data) => data.cached_bytes,
  ),
  gauge('hzstat_memory_free_bytes', 'Memory nobody uses for anything.', (data) => data.free_bytes),
  gauge('hzstat_memory_active_bytes', 'Memory used lately.', (data) => data.active_bytes),
  gauge(
    'hzstat_memory_inactive_bytes',
    'Memory not used lately, the first to be reclaimed.',
    (data) => data.inactive_bytes,
  ),
  gauge(
    'hzstat_memory_dirty_bytes',
    'Memory that has yet to be written to disk.',
    (data) => data.dirty_bytes,
  ),
  gauge(
    'hzstat_memory_writeback_bytes',
    'Memory that is being written to disk.',
    (data) => data.writeback_bytes,
  ),
  gauge('hzstat_memory_mapped_bytes', 'Files mapped into processes.', (data) => data.mapped_bytes),
  gauge(
    'hzstat_memory_anonymous_bytes',
    'Memory of processes with no file behind it.',
    (data) => data.anon_bytes,
  ),
  gauge('hzstat_memory_shared_bytes', 'Shared memory and tmpfs.', (data) => data.shmem_bytes),
  gauge('hzstat_memory_slab_bytes', "The kernel's own data structures.", (data) => data.slab_bytes),
  gauge(
    'hzstat_memory_slab_reclaimable_bytes',
    "The part of the kernel's data structures that can be reclaimed.",
    (data) => data.slab_reclaimable_bytes,
  ),
  gauge('hzstat_memory_page_tables_bytes', 'Page tables.', (data) => data.page_tables_bytes),
  gauge('hzstat_memory_kernel_stack_bytes', 'Kernel stacks of all tasks.', (data) => data.kernel_stack_bytes),
  gauge('hzstat_memory_committed_bytes', 'Memory promised to processes.', (data) => data.committed_bytes),
  gauge(
    'hzstat_memory_commit_limit_bytes',
    'Memory that may be promised under strict overcommit.',
    (data) => data.commit_limit_bytes,
  ),
  gauge('hzstat_memory_huge_pages', 'Huge pages in the pool.', (data) => data.huge_pages_total),
  gauge('hzstat_memory_huge_pages_free', 'Huge pages not in use.', (data) => data.huge_pages_free),
  gauge('hzstat_memory_huge_page_size_bytes', 'Size of one huge page.', (data) => data.huge_page_size_bytes),
];

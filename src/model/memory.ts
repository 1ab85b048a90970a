import { collector } from './collector.ts';
import { count, gauge, orAbsent, orNull, type Unit } from './field.ts';

const NOT_PRINTED = 'this kernel does not print it';

/** What every kernel prints, or what follows from it. */
function always(name: string, meaning: string) {
  return count('bytes', meaning, { metric: `hzstat_memory_${name}` });
}

function where(name: string, meaning: string, unit: Unit = 'bytes') {
  return orAbsent(count(unit, meaning, { metric: `hzstat_memory_${name}` }), `absent: ${NOT_PRINTED}`);
}

export const memory = collector({
  name: 'memory',
  meaning: 'What memory is used for. The kernel folds most of these figures together once a second.',
  source: '/proc/meminfo',
  table: 'memory',
  fields: {
    total_bytes: always('total_bytes', 'Memory the kernel has to give.'),
    available_bytes: always('available_bytes', 'Memory that could be had without swapping.'),
    used_bytes: always('used_bytes', 'Total minus available memory.'),
    percent: gauge('percent', 'Share of the memory that is used.', { metric: 'hzstat_memory_used_ratio' }),
    swap_total_bytes: always('swap_total_bytes', 'Size of all swap space.'),
    swap_used_bytes: always('swap_used_bytes', 'Swap space in use.'),
    swap_percent: gauge('percent', 'Share of the swap space that is used.', {
      metric: 'hzstat_memory_swap_used_ratio',
    }),
    buffers_bytes: orNull(always('buffers_bytes', 'Cache of raw block devices.'), `null: ${NOT_PRINTED}`),
    cached_bytes: orNull(
      always('cached_bytes', 'Page cache together with reclaimable slab.'),
      `null: ${NOT_PRINTED}`,
    ),
    free_bytes: where('free_bytes', 'Memory nobody uses for anything.'),
    active_bytes: where('active_bytes', 'Memory used lately.'),
    inactive_bytes: where('inactive_bytes', 'Memory not used lately, the first to be reclaimed.'),
    dirty_bytes: where('dirty_bytes', 'Memory that has yet to be written to disk.'),
    writeback_bytes: where('writeback_bytes', 'Memory that is being written to disk.'),
    mapped_bytes: where('mapped_bytes', 'Files mapped into processes.'),
    anon_bytes: where('anonymous_bytes', 'Memory of processes with no file behind it.'),
    shmem_bytes: where('shared_bytes', 'Shared memory and tmpfs.'),
    slab_bytes: where('slab_bytes', "The kernel's own data structures."),
    slab_reclaimable_bytes: where(
      'slab_reclaimable_bytes',
      "The part of the kernel's data structures that can be reclaimed.",
    ),
    page_tables_bytes: where('page_tables_bytes', 'Page tables.'),
    kernel_stack_bytes: where('kernel_stack_bytes', 'Kernel stacks of all tasks.'),
    committed_bytes: where('committed_bytes', 'Memory promised to processes.'),
    commit_limit_bytes: where('commit_limit_bytes', 'Memory that may be promised under strict overcommit.'),
    huge_pages_total: where('huge_pages', 'Huge pages in the pool.', 'pages'),
    huge_pages_free: where('huge_pages_free', 'Huge pages not in use.', 'pages'),
    huge_page_size_bytes: where('huge_page_size_bytes', 'Size of one huge page.'),
  },
});

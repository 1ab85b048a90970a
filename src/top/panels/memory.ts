import type { MemoryData } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { bytes, percent } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { RANK } from '../rows/panel.ts';
import { chartRow, type Figure, figuresRow, gaugeRow, missingRow } from '../rows/rows.ts';

/** How full memory and swap are, and what with. */
export const memoryPanel = collectorPanel('MEMORY', 'memory', (view, memory, width) => {
  const swap = memory.swap_total_bytes;
  return [
    gaugeRow(view, {
      label: 'used',
      percent: memory.percent,
      text: `${bytes(memory.used_bytes)} of ${bytes(memory.total_bytes)}`,
      rank: RANK.essential,
    }),
    chartRow(view, {
      label: 'over time',
      value: percent(memory.percent),
      series: 'memory_used',
      format: percent,
      top: 100,
      style: STYLE.good,
      rank: RANK.spare,
      grows: 4,
    }),
    figuresRow(RANK.detail, [
      figure('available', memory.available_bytes),
      figure('cached', memory.cached_bytes),
      figure('buffers', memory.buffers_bytes),
      figure('dirty', memory.dirty_bytes),
    ]),
    figuresRow(RANK.more, ofThisKernel(memory)),
    ...(swap === 0
      ? [missingRow(RANK.main, 'swap', 'there is none', width)]
      : [
          gaugeRow(view, {
            label: 'swap',
            percent: memory.swap_percent,
            text: `${bytes(memory.swap_used_bytes)} of ${bytes(swap)}`,
            rank: RANK.main,
          }),
        ]),
  ];
});

/** What older kernels do not print is left out: it is not missing, there is no such figure. */
function ofThisKernel(memory: MemoryData): Figure[] {
  const { anon_bytes, mapped_bytes, shmem_bytes, slab_bytes, committed_bytes } = memory;
  const figures = { anon_bytes, mapped_bytes, shmem_bytes, slab_bytes, committed_bytes };
  return Object.entries(figures)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => figure(name.replace('_bytes', ''), value));
}

function figure(label: string, value: number | null | undefined): Figure {
  return { label, value: bytes(value) };
}

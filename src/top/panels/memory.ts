import { STYLE } from '../drawing/style.ts';
import { bytes, percent } from '../figures/format.ts';
import { collectorPanel } from './collector_panel.ts';
import { RANK } from './panel.ts';
import { chartRow, type Figure, figuresRow, gaugeRow, missingRow } from './rows.ts';

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
    figuresRow(RANK.more, [
      figure('anon', memory.anon_bytes),
      figure('mapped', memory.mapped_bytes),
      figure('shmem', memory.shmem_bytes),
      figure('slab', memory.slab_bytes),
      figure('committed', memory.committed_bytes),
    ]),
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

function figure(label: string, value: number | null | undefined): Figure {
  return { label, value: bytes(value) };
}

import type { StallData } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { percent } from '../figures/format.ts';
import type { Series } from '../figures/recent.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { RANK, type Row } from '../rows/panel.ts';
import { chartRow } from '../rows/rows.ts';
import type { View } from '../view/view.ts';

/** How much of the time tasks waited for want of something, and (full) how much of it nothing else ran either. */
export const pressurePanel = collectorPanel('PRESSURE', 'pressure', (view, { cpu, memory, io }) => [
  stallRow(view, 'cpu', 'cpu_pressure', cpu, RANK.main),
  stallRow(view, 'memory', 'memory_pressure', memory, RANK.detail),
  stallRow(view, 'io', 'io_pressure', io, RANK.main),
]);

function stallRow(
  view: View,
  label: string,
  series: Series,
  stall: StallData | undefined,
  rank: number,
): Row {
  return chartRow(view, {
    label,
    value: percent(stall?.some_percent),
    series,
    format: percent,
    top: 100,
    style: STYLE.waiting,
    rank,
    grows: 2,
    ...(stall?.full_percent !== undefined &&
      stall.full_percent !== null && { tail: `full ${percent(stall.full_percent)}` }),
  });
}

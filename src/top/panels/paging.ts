import { BYTES_PER_KIB } from '../../base/units.ts';
import type { MemoryBandwidthData } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { byteRate, countRate } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { RANK } from '../rows/panel.ts';
import { chartRow, type Figure, figuresRow } from '../rows/rows.ts';

/** Page faults, and what they and block I/O moved. */
export const pagingPanel = collectorPanel('PAGING', 'memory_bandwidth', (view, paging) => [
  chartRow(view, {
    label: 'faults',
    value: countRate(paging.pgfault_per_sec),
    series: 'page_faults',
    missing: 'not counted',
    format: countRate,
    style: STYLE.waiting,
    rank: RANK.main,
    grows: 4,
  }),
  figuresRow(RANK.detail, [
    { label: 'major', value: countRate(paging.pgmajfault_per_sec) },
    figure('in', paging.pgpgin_per_sec),
    figure('out', paging.pgpgout_per_sec),
    figure('swap', swapped(paging)),
  ]),
  figuresRow(RANK.more, [
    figure('swap in', paging.pswpin_per_sec),
    figure('swap out', paging.pswpout_per_sec),
  ]),
]);

function swapped({ pswpin_per_sec, pswpout_per_sec }: MemoryBandwidthData): number | null {
  return pswpin_per_sec === null || pswpout_per_sec === null ? null : pswpin_per_sec + pswpout_per_sec;
}

function figure(label: string, kibPerSec: number | null): Figure {
  return { label, value: byteRate(kibPerSec === null ? null : kibPerSec * BYTES_PER_KIB) };
}

import { metricKey } from '../data/metric.ts';
import { ChartPanel } from '../kinds/chart_panel.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { DASHED, DOTTED, entry } from '../kinds/panel_entry.ts';
import { type Variant, VariantPanel } from '../kinds/variant_panel.ts';
import { bytes, type Format, kibPerSecond, percent, perSecond } from '../words/format.ts';

export function memoryPanel(context: PanelContext): Panel {
  const total = metricKey('memory', 'total_bytes');
  return new ChartPanel(context, {
    id: 'memory',
    title: 'Memory',
    kind: 'lines',
    format: bytes,
    end: () => context.store.latest(total),
    binary: true,
    entries: [
      entry('memory', 'used_bytes', 'used', bytes, { color: 'series-1', hint: 'total less available' }),
      entry('memory', 'cached_bytes', 'cache', bytes, { color: 'series-2', dash: DASHED }),
      entry('memory', 'swap_used_bytes', 'swap', bytes, { color: 'series-3', dash: DOTTED }),
      entry('memory', 'percent', 'in use', percent),
      entry('memory', 'available_bytes', 'available', bytes),
      entry('memory', 'buffers_bytes', 'buffers', bytes),
    ],
  });
}

export function pagingPanel(context: PanelContext): Panel {
  const one = (column: string, label: string, format: Format, drawn = {}): LegendEntry =>
    entry('memory_bandwidth', column, label, format, drawn);
  const faults = [
    one('pgfault_per_sec', 'faults', perSecond, { hint: 'minor and major page faults' }),
    one('pgmajfault_per_sec', 'major', perSecond, { hint: 'faults that had to wait for a disk' }),
  ];
  const io = [
    one('pgpgin_per_sec', 'in', kibPerSecond, { hint: 'read from block devices, swap included' }),
    one('pgpgout_per_sec', 'out', kibPerSecond, { hint: 'written to block devices, swap included' }),
  ];
  const swap = [
    one('pswpin_per_sec', 'swap in', kibPerSecond),
    one('pswpout_per_sec', 'swap out', kibPerSecond),
  ];
  const drawn = (entries: LegendEntry[]): LegendEntry[] =>
    entries.map((made, index) =>
      index === 0 ? { ...made, color: 'series-1' } : { ...made, color: 'series-2', dash: DASHED },
    );
  const variants: Variant[] = [
    {
      id: 'faults',
      label: 'page faults',
      entries: [...drawn(faults), ...io, ...swap],
      format: perSecond,
      leastEnd: 10,
    },
    {
      id: 'pages',
      label: 'pages in and out',
      entries: [...drawn(io), ...faults],
      format: kibPerSecond,
      leastEnd: 1,
    },
    { id: 'swap', label: 'swap', entries: [...drawn(swap), ...faults], format: kibPerSecond, leastEnd: 1 },
  ];
  return new VariantPanel(context, { id: 'paging', title: 'Paging' }, () => variants);
}

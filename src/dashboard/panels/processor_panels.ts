import { metricKey } from '../data/metric.ts';
import { ChartPanel } from '../kinds/chart_panel.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { DASHED, DOTTED, entry } from '../kinds/panel_entry.ts';
import { type Variant, VariantPanel } from '../kinds/variant_panel.ts';
import { celsius, load, megahertz, percent } from '../words/format.ts';

export function cpuPanel(context: PanelContext): Panel {
  const kind = (column: string, label: string, hint: string): LegendEntry =>
    entry('cpu', `${column}_percent`, label, percent, { color: `cpu-${column}`, hint });
  return new ChartPanel(context, {
    id: 'cpu',
    title: 'CPU',
    hint: 'Share of time of all cores by kind; the shade above is the highest single sample of each column',
    size: 'wide',
    sourcesOf: 'cpu',
    kind: 'stacked',
    format: (value) => `${value.toFixed(0)} %`,
    end: () => 100,
    envelope: metricKey('cpu', 'usage_percent'),
    entries: [
      entry('cpu', 'usage_percent', 'usage', percent, { hint: '100 less idle and waiting for I/O' }),
      kind('user', 'user', 'programs'),
      kind('system', 'system', 'the kernel on behalf of programs'),
      kind('nice', 'nice', 'programs of low priority'),
      kind('irq', 'irq', 'hardware interrupts'),
      kind('softirq', 'softirq', 'deferred work of interrupts, such as network packets'),
      kind('steal', 'steal', 'time the hypervisor gave to others'),
      kind('iowait', 'iowait', 'idle while something waits for a disk'),
      entry('cpu', 'idle_percent', 'idle', percent),
    ],
  });
}

export function systemPanel(context: PanelContext): Panel {
  const extra = [
    entry('cpu', 'frequency_mhz', 'frequency', megahertz),
    entry('cpu', 'temperature_celsius', 'temperature', celsius),
  ];
  const loads = [
    entry('cpu', 'load_avg_1m', '1 min', load, { color: 'series-1' }),
    entry('cpu', 'load_avg_5m', '5 min', load, { color: 'series-2', dash: DASHED }),
    entry('cpu', 'load_avg_15m', '15 min', load, { color: 'series-3', dash: DOTTED }),
  ];
  const coloured = ([one]: LegendEntry[]): LegendEntry[] =>
    one === undefined ? [] : [{ ...one, color: 'series-1' }];
  const frequency = coloured([extra[0]!]);
  const temperature = coloured([extra[1]!]);
  const variants: Variant[] = [
    { id: 'load', label: 'load', entries: [...loads, ...extra], format: load, leastEnd: 1 },
    { id: 'frequency', label: 'frequency', entries: [...frequency, extra[1]!], format: megahertz },
    {
      id: 'temperature',
      label: 'temperature',
      entries: [...temperature, extra[0]!],
      format: celsius,
      leastEnd: 50,
    },
  ];
  return new VariantPanel(context, { id: 'system', title: 'Load and temperature' }, () => variants);
}

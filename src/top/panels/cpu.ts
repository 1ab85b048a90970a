import type { CpuData } from '../../model/snapshot.ts';
import { stackedCells } from '../drawing/bar.ts';
import type { CpuKind } from '../drawing/glyphs.ts';
import { STYLE, type Style } from '../drawing/style.ts';
import { decimal, percent } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { coreRows } from '../rows/cores.ts';
import { RANK, type Row } from '../rows/panel.ts';
import { CHART_FROM, chartRow, figuresRow, LABEL_CELLS } from '../rows/rows.ts';
import type { View } from '../view/view.ts';

interface Share {
  readonly kind: CpuKind;
  readonly label: string;
  readonly percent: number;
  readonly style: Style;
}

/** Total by kind, load, frequency and temperature, and every core. */
export const cpuPanel = collectorPanel('CPU', 'cpu', (view, cpu, width) => [
  chartRow(view, {
    label: 'usage',
    value: percent(cpu.usage_percent),
    series: 'cpu_usage',
    format: percent,
    top: 100,
    style: STYLE.user,
    rank: RANK.essential,
    grows: 15,
  }),
  kindsLegend(view, cpu),
  kindsBar(view, cpu),
  ...coreRows(view, cpu.per_core, width),
  figuresRow(RANK.main, [
    { label: 'load', value: loadOf(cpu) },
    { label: '(1, 5, 15 min)', value: '' },
    {
      label: '',
      value: cpu.frequency_mhz === null ? 'N/A MHz: not told' : `${decimal(cpu.frequency_mhz, 0)} MHz`,
    },
    {
      label: 'temp',
      value:
        cpu.temperature_celsius === null
          ? 'N/A: no sensor'
          : `${decimal(cpu.temperature_celsius, 0)} ${view.glyphs.degrees}`,
    },
  ]),
]);

function loadOf({ load_avg_1m, load_avg_5m, load_avg_15m }: CpuData): string {
  return [load_avg_1m, load_avg_5m, load_avg_15m].map((load) => decimal(load, 2)).join(' ');
}

function sharesOf(cpu: CpuData): Share[] {
  return [
    { kind: 'user', label: 'user', percent: cpu.user_percent, style: STYLE.user },
    { kind: 'system', label: 'sys', percent: cpu.system_percent, style: STYLE.system },
    { kind: 'irq', label: 'irq', percent: cpu.irq_percent + cpu.softirq_percent, style: STYLE.interrupt },
    { kind: 'iowait', label: 'wait', percent: cpu.iowait_percent, style: STYLE.waiting },
    { kind: 'nice', label: 'nice', percent: cpu.nice_percent, style: STYLE.nice },
    { kind: 'steal', label: 'steal', percent: cpu.steal_percent, style: STYLE.stolen },
  ];
}

/** Where the time went; each kind has a glyph of its own, which the legend names. */
function kindsBar({ glyphs }: View, cpu: CpuData): Row {
  return {
    rank: RANK.detail,
    draw(region) {
      const shares = sharesOf(cpu);
      region.text(0, 0, 'by kind');
      const idle = `${cpu.idle_percent.toFixed(1)} idle`;
      region.text(LABEL_CELLS, 0, idle.padStart(CHART_FROM - LABEL_CELLS - 1), STYLE.faint);
      const cells = Math.max(0, region.width - CHART_FROM - 1);
      const lengths = stackedCells(
        shares.map(({ percent }) => percent),
        cells,
      );
      let x = region.text(CHART_FROM - 1, 0, glyphs.open, STYLE.faint);
      for (const [index, { kind, style }] of shares.entries()) {
        x = region.text(x, 0, glyphs.kinds[kind].repeat(lengths[index]!), style);
      }
      region.text(x, 0, glyphs.empty.repeat(Math.max(0, CHART_FROM + cells - x)), STYLE.faint);
      region.text(CHART_FROM + cells, 0, glyphs.close, STYLE.faint);
    },
  };
}

function kindsLegend({ glyphs }: View, cpu: CpuData): Row {
  return {
    rank: RANK.main,
    draw(region) {
      let x = 0;
      for (const { kind, label, percent, style } of sharesOf(cpu)) {
        const text = ` ${percent.toFixed(1).padStart(5 - Math.max(0, label.length - 4))}`;
        if (x + 1 + label.length + text.length > region.width) return;
        x = region.text(x, 0, glyphs.kinds[kind], style);
        x = region.text(x, 0, label);
        x = region.text(x, 0, text, STYLE.value) + 1;
      }
    },
  };
}

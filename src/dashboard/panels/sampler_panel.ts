import type { Panel, PanelContext } from '../kinds/panel.ts';
import { entry } from '../kinds/panel_entry.ts';
import { type Variant, VariantPanel } from '../kinds/variant_panel.ts';
import { bytes, milliseconds, percent } from '../words/format.ts';

export function samplerPanel(context: PanelContext): Panel {
  const drawn = { color: 'series-1' };
  const cost = entry('sampling', 'cpu_percent', 'own CPU', percent, {
    hint: 'all threads of the sampler, share of one core',
  });
  const late = entry('sampling', 'lateness_ms', 'lateness', milliseconds, {
    hint: 'from the scheduled tick to the latest start of a read',
  });
  const interval = entry('sampling', 'actual_interval_ms', 'interval', milliseconds, {
    hint: 'measured between the last two ticks',
  });
  const memory = entry('sampling', 'memory_bytes', 'memory', bytes);
  const variants: Variant[] = [
    {
      id: 'lateness',
      label: 'lateness',
      entries: [{ ...late, ...drawn }, cost, interval, memory],
      format: milliseconds,
      leastEnd: 1,
    },
    {
      id: 'cpu',
      label: 'own CPU',
      entries: [{ ...cost, ...drawn }, late, interval, memory],
      format: percent,
      leastEnd: 1,
    },
    {
      id: 'interval',
      label: 'interval',
      entries: [{ ...interval, ...drawn }, late, cost],
      format: milliseconds,
      leastEnd: 1,
    },
  ];
  return new VariantPanel(context, { id: 'sampler', title: 'The sampler itself' }, () => variants);
}

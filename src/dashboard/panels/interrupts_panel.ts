import type { LegendEntry } from '../kinds/legend.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { DASHED, entry } from '../kinds/panel_entry.ts';
import { type Variant, VariantPanel } from '../kinds/variant_panel.ts';
import { type Format, perSecond, plain } from '../words/format.ts';

export function interruptsPanel(context: PanelContext): Panel {
  const one = (column: string, label: string, drawn: Pick<LegendEntry, 'color' | 'dash'> = {}): LegendEntry =>
    entry('interrupts', column, label, plainOrRate(column), drawn);
  const switches = one('context_switches_per_sec', 'switches');
  const rates = [one('interrupts_per_sec', 'interrupts'), one('soft_interrupts_per_sec', 'soft irq')];
  const tasks = [one('tasks_running', 'running'), one('tasks_blocked', 'blocked')];
  const first = { color: 'series-1' };
  const second = { color: 'series-2', dash: DASHED };
  const forks = one('forks_per_sec', 'forks');
  const variants: Variant[] = [
    {
      id: 'switches',
      label: 'switches',
      format: perSecond,
      leastEnd: 10,
      entries: [{ ...switches, ...first }, ...rates, forks, ...tasks],
    },
    {
      id: 'interrupts',
      label: 'interrupts',
      format: perSecond,
      leastEnd: 10,
      entries: [{ ...rates[0]!, ...first }, { ...rates[1]!, ...second }, switches, forks],
    },
    {
      id: 'tasks',
      label: 'tasks',
      format: plain,
      leastEnd: 2,
      entries: [{ ...tasks[0]!, ...first }, { ...tasks[1]!, ...second }, switches, forks],
    },
  ];
  return new VariantPanel(
    context,
    { id: 'interrupts', title: 'Interrupts and tasks', onlyWith: 'interrupts' },
    () => variants,
  );
}

function plainOrRate(column: string): Format {
  return column.endsWith('_per_sec') ? perSecond : plain;
}

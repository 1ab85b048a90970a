import { bytes, type Format, milliseconds, percent, perSecond, plain } from './format.ts';
import type { LegendEntry } from './legend.ts';
import { metricKey } from './metric.ts';
import type { Panel, PanelContext } from './panel.ts';
import { DASHED, DOTTED, entry } from './panel_entry.ts';
import { type Variant, VariantPanel } from './variant_panel.ts';

export function pressurePanel(context: PanelContext): Panel {
  const one = (resource: string, side: 'some' | 'full', drawn: Pick<LegendEntry, 'color' | 'dash'> = {}) => ({
    key: metricKey('pressure', `${side}_percent`, resource),
    label: drawn.color === undefined ? `${resource} ${side}` : resource,
    format: percent,
    hint: side === 'some' ? 'at least one task waited' : 'all tasks with something to do waited',
    ...drawn,
  });
  const variant = (side: 'some' | 'full', other: 'some' | 'full'): Variant => ({
    id: side,
    label: side === 'some' ? 'some tasks wait' : 'all tasks wait',
    format: percent,
    leastEnd: 1,
    entries: [
      one('cpu', side, { color: 'series-1' }),
      one('memory', side, { color: 'series-2', dash: DASHED }),
      one('io', side, { color: 'series-3', dash: DOTTED }),
      one('cpu', other),
      one('memory', other),
      one('io', other),
    ].filter(({ key }) => key !== metricKey('pressure', 'full_percent', 'cpu')),
  });
  const options = {
    id: 'pressure',
    title: 'Pressure',
    hint: 'Share of time tasks waited for a resource',
    onlyWith: 'pressure',
  };
  const variants = [variant('some', 'full'), variant('full', 'some')];
  return new VariantPanel(context, options, () => variants);
}

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

export function samplerPanel(context: PanelContext): Panel {
  const drawn = { color: 'series-1' };
  const cost = entry('sampling', 'cpu_percent', 'own CPU', percent, {
    hint: 'all threads of the sampler, share of one core',
  });
  const late = entry('sampling', 'lateness_ms', 'lateness', milliseconds, {
    hint: 'from the scheduled tick to the latest start of a read',
  });
  const interval = entry('sampling', 'actual_interval_ms', 'interval', milliseconds, {
    hint: 'between the last two ticks, really',
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

import { STYLE } from '../drawing/style.ts';
import { count, countRate } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { RANK } from '../rows/panel.ts';
import { chartRow, figuresRow } from '../rows/rows.ts';

/** How often the kernel switched and was interrupted, and how many tasks run or wait. */
export const interruptsPanel = collectorPanel('IRQ', 'interrupts', (view, data) => [
  chartRow(view, {
    label: 'switches',
    value: countRate(data.context_switches_per_sec),
    series: 'context_switches',
    format: countRate,
    style: STYLE.nice,
    rank: RANK.main,
    grows: 2,
  }),
  chartRow(view, {
    label: 'interrupts',
    value: countRate(data.interrupts_per_sec),
    series: 'interrupts',
    format: countRate,
    style: STYLE.interrupt,
    rank: RANK.detail,
    grows: 2,
  }),
  figuresRow(RANK.detail, [
    { label: 'running', value: count(data.tasks_running).trim() },
    { label: 'blocked', value: count(data.tasks_blocked).trim() },
    { label: 'forks', value: countRate(data.forks_per_sec) },
    { label: 'soft interrupts', value: countRate(data.soft_interrupts_per_sec) },
  ]),
  figuresRow(
    RANK.more,
    Object.entries(data.softirqs).map(([kind, { handled_per_sec }]) => ({
      label: kind,
      value: countRate(handled_per_sec),
    })),
  ),
]);

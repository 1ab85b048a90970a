import type { InterruptsData, SoftirqData } from '../../../shared/snapshot.ts';
import { counter, type Family, forEach, gauge, rowsBy } from '../family.ts';

export const INTERRUPTS_FAMILIES: readonly Family<InterruptsData>[] = [
  counter('hzstat_context_switches_total', 'Context switches.', (data) => data.context_switches),
  counter('hzstat_interrupts_total', 'Interrupts served.', (data) => data.interrupts),
  counter(
    'hzstat_soft_interrupts_total',
    'Soft interrupts served, all kinds.',
    (data) => data.soft_interrupts,
  ),
  ...forEach<InterruptsData, SoftirqData>(
    ({ softirqs }) => rowsBy('kind', softirqs),
    [
      counter(
        'hzstat_soft_interrupts_by_kind_total',
        'Soft interrupts served by kind. The kernel counts these in 32 bits, which wrap.',
        (data) => data.handled,
      ),
    ],
  ),
  counter('hzstat_forks_total', 'Processes and threads created.', (data) => data.forks),
  gauge(
    'hzstat_tasks_running',
    'Tasks that ran or could have run at the moment of reading.',
    (data) => data.tasks_running,
  ),
  gauge(
    'hzstat_tasks_blocked',
    'Tasks that waited for a disk at the moment of reading.',
    (data) => data.tasks_blocked,
  ),
];

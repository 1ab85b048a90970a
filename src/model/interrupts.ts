import { collector } from './collector.ts';
import { count, counter, orNull, rate } from './field.ts';

export const interrupts = collector({
  name: 'interrupts',
  meaning: 'Context switches, interrupts and new tasks, and how many tasks run and wait.',
  source: '/proc/stat',
  onRequest: true,
  table: 'interrupts',
  fields: {
    context_switches: counter('events', 'Context switches.', { metric: 'hzstat_context_switches_total' }),
    interrupts: counter('events', 'Interrupts served.', { metric: 'hzstat_interrupts_total' }),
    soft_interrupts: orNull(
      counter('events', 'Soft interrupts served, all kinds.', { metric: 'hzstat_soft_interrupts_total' }),
      'null before Linux 2.6.31',
    ),
    forks: counter('tasks', 'Processes and threads created.', { metric: 'hzstat_forks_total' }),
    context_switches_per_sec: rate('events/s', 'context_switches', 'Context switches a second.'),
    interrupts_per_sec: rate('events/s', 'interrupts', 'Interrupts served a second.'),
    soft_interrupts_per_sec: rate('events/s', 'soft_interrupts', 'Soft interrupts served a second.'),
    forks_per_sec: rate('events/s', 'forks', 'Processes and threads created a second.'),
    tasks_running: orNull(
      count('tasks', 'Tasks that ran or could have run at the moment of reading.', {
        metric: 'hzstat_tasks_running',
      }),
      'null where the kernel does not print it',
    ),
    tasks_blocked: orNull(
      count('tasks', 'Tasks that waited for a disk at the moment of reading.', {
        metric: 'hzstat_tasks_blocked',
      }),
      'null where the kernel does not print it',
    ),
  },
  maps: {
    softirqs: {
      label: 'kind',
      meaning: 'Each kind of soft interrupt: timer, net_rx, sched and so on.',
      table: 'interrupts_softirq',
      fields: {
        handled: counter(
          'events',
          'Soft interrupts of this kind served; the kernel counts in 32 bits, which wrap.',
          {
            metric: 'hzstat_soft_interrupts_by_kind_total',
          },
        ),
        handled_per_sec: rate('events/s', 'handled', 'Soft interrupts of this kind served a second.'),
      },
    },
  },
});

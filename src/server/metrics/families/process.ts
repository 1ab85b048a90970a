import { counter, type Family, forEach, gauge } from '../../../series/family.ts';
import { labelsOf } from '../../../series/labels.ts';
import type { ProcessFacts } from '../process_facts.ts';

export const PROCESS_FAMILIES: readonly Family<ProcessFacts>[] = [
  counter(
    'hzstat_process_cpu_seconds_total',
    'CPU time of all threads of the sampler; its perf process is not in it.',
    ({ cpuSeconds }) => cpuSeconds,
  ),
  gauge(
    'hzstat_process_resident_memory_bytes',
    'Resident memory of the sampler.',
    ({ residentBytes }) => residentBytes,
  ),
  gauge(
    'hzstat_process_start_time_seconds',
    'Unix time at which the sampler started.',
    ({ startedSeconds }) => startedSeconds,
  ),
  ...forEach<ProcessFacts, number>(
    ({ incidents = [] }) => [...incidents].map(([watch, count]) => [labelsOf({ watch }), count]),
    [
      counter(
        'hzstat_incidents_total',
        'Incidents that have begun since the sampler started, by watch.',
        (count) => count,
      ),
    ],
  ),
  ...forEach<ProcessFacts, number>(
    ({ version, nodeVersion }) => [[labelsOf({ version, node: nodeVersion }), 1]],
    [gauge('hzstat_build_info', 'Always 1; the labels tell the versions of hzstat and Node.', (one) => one)],
  ),
];

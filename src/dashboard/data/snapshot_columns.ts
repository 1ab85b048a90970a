import type { CgroupsData, PerfEventsData, Snapshot } from '../../client/index.ts';
import { TABLE_FACTS } from '../../model/field_at.ts';
import { knownKey, type MetricKey } from './metric.ts';
import { PERF_RATIOS } from './perf_ratios.ts';

type Put = (key: MetricKey, value: number) => void;

/** Rows of labels beyond these are left to history: a host may have thousands of virtual interfaces. */
const MOST_LABELS = 48;
const MOST_GROUPS = 32;

/** Calls `put` with every number of a snapshot that is worth a chart. */
export function columnsOf(snapshot: Snapshot, put: Put): void {
  const { cpu, network, disk, perf_events, pressure, cgroups, sampling } = snapshot;
  for (const [name, data] of Object.entries(snapshot)) {
    if (name === 'perf_events' || typeof data !== 'object' || data === null) continue;
    numbers(name, data, put);
  }
  if (cpu !== undefined) {
    for (const [core, usage] of cpu.per_core.entries()) {
      if (usage !== null) put(knownKey('cpu_core', 'usage_percent', String(core)), usage);
    }
  }
  if (network !== undefined) labelled('network_interface', network.interfaces, put);
  if (disk !== undefined) {
    labelled('disk_device', disk.devices, put);
    for (const [mount, { percent }] of Object.entries(disk.partitions)) {
      put(knownKey('disk_partition', 'percent', mount), percent);
    }
  }
  if (pressure !== undefined) labelled('pressure', { ...pressure }, put);
  if (cgroups !== undefined) busiestGroups(cgroups, put);
  if (perf_events !== undefined) perfColumns(perf_events, put);
  for (const [name, state] of Object.entries(sampling.collectors)) {
    if (state.state === 'ok') put(knownKey('sampling_collector', 'duration_ms', name), state.duration_ms);
  }
}

/**
 * The same for the smallest or the largest values of a snapshot that stands for several. Counts of perf are left
 * out: how long the shortest of its intervals was is not told.
 */
export function extremesOf(snapshot: Snapshot, side: 'minimum' | 'maximum', put: Put): void {
  const extremes = snapshot[side];
  if (extremes === undefined) return;
  const { perf_events: _, ...rest } = { ...snapshot, ...extremes };
  columnsOf(rest, put);
}

function numbers(table: string, data: object, put: Put, label = ''): void {
  for (const [column, value] of Object.entries(data)) {
    if (typeof value === 'number') put(knownKey(table, column, label), value);
  }
}

function labelled(table: string, rows: Readonly<Record<string, object>>, put: Put): void {
  let count = 0;
  const fields = TABLE_FACTS.get(table)?.fields ?? {};
  for (const [label, data] of Object.entries(rows)) {
    if (++count > MOST_LABELS) return;
    for (const [column, value] of Object.entries(data)) {
      // Counters are for adding up, not for looking at.
      if (typeof value === 'number' && fields[column]?.kind !== 'counter')
        put(knownKey(table, column, label), value);
    }
  }
}

/** CPU time of the groups that use most: a column in memory is dear, and of all the others history tells. */
function busiestGroups({ groups }: CgroupsData, put: Put): void {
  const used = Object.entries(groups).flatMap(([name, { cpu_percent }]) =>
    cpu_percent === undefined ? [] : [[name, cpu_percent] as const],
  );
  const busiest = used.length > MOST_GROUPS ? used.sort(([, a], [, b]) => b - a).slice(0, MOST_GROUPS) : used;
  for (const [name, percent] of busiest) put(knownKey('cgroup', 'cpu_percent', name), percent);
}

function perfColumns(perf: PerfEventsData, put: Put): void {
  const seconds = (perf.elapsed_ms ?? perf.interval_ms) / 1000;
  for (const [event, { value }] of Object.entries(perf.events)) {
    if (value !== null) put(knownKey('perf_events', 'per_sec', event), value / seconds);
  }
  for (const { column, numerator, denominator, factor } of PERF_RATIOS) {
    const above = perf.events[numerator]?.value;
    const below = perf.events[denominator]?.value;
    if (above == null || below == null || below <= 0) continue;
    put(knownKey('perf_events', column), (factor * above) / below);
  }
}

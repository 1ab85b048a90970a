import type { PressureData, StallData } from '../../../shared/snapshot.ts';
import { secondsFromUs } from '../base_units.ts';
import { counter, type Family, forEach, type Row } from '../family.ts';
import { labelsOf } from '../labels.ts';

export const PRESSURE_FAMILIES: readonly Family<PressureData>[] = forEach<PressureData, StallData>(
  resourcesOf,
  [
    counter(
      'hzstat_pressure_some_seconds_total',
      'Time in which at least one task waited for this resource.',
      ({ some_total_us }) => secondsFromUs(some_total_us),
    ),
    counter(
      'hzstat_pressure_full_seconds_total',
      'Time in which all tasks that had something to do waited for this resource.',
      ({ full_total_us }) => secondsFromUs(full_total_us),
    ),
  ],
);

function resourcesOf(data: PressureData): Row<StallData>[] {
  const rows: Row<StallData>[] = [];
  for (const resource of ['cpu', 'memory', 'io', 'irq'] as const) {
    const stall = data[resource];
    if (stall !== undefined) rows.push([labelsOf({ resource }), stall]);
  }
  return rows;
}

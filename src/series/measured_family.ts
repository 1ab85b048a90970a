import type { Field, Kind } from '../model/field.ts';
import { AS_IT_IS, inRatio, type Ratio, toBaseUnit } from './base_unit.ts';
import type { Family, Value } from './family.ts';
import type { Labels } from './labels.ts';

/** What the numbers of a series are of. */
export interface Measure {
  readonly kind: Kind;
  /** From the number in the snapshot to that of the series. */
  readonly ratio: Ratio;
  /** Decimals of the number of the series that mean something; undefined where nobody knows. */
  readonly decimals: number | undefined;
  /** Where in a snapshot the value stands: `cpu.usage_percent`, `disk.devices.sda.read_bytes`. */
  path(entry: string): string;
}

/**
 * Takes one series with what stands in the place of its value, be that a number or, in the outline of a snapshot,
 * whatever tells where it will stand.
 *
 * @param entry the name or place in a map or list
 * @param per what the value is divided by, where it is a growth over a time that stands beside it
 */
export type Visit = (labels: Labels, value: unknown, measure: Measure, entry: string, per?: unknown) => void;

/** A family whose numbers stand in a snapshot as such, or in a fixed ratio. */
export interface MeasuredFamily {
  readonly name: string;
  readonly help: string;
  visit(snapshot: object, visit: Visit): void;
}

/** What is measured by a field that is declared. */
export function measureOf({ kind, unit, digits }: Field, path: Measure['path']): Measure {
  const ratio = toBaseUnit(unit);
  // A whole number of KiB is one of bytes, whatever its decimals meant.
  const decimals = ratio.times === 1 ? digits + Math.round(Math.log10(ratio.over)) : 0;
  return { kind, ratio, decimals, path };
}

/** A measure of what no declaration tells of. */
export function measured(kind: Kind, path: Measure['path'], decimals?: number, ratio = AS_IT_IS): Measure {
  return { kind, ratio, decimals, path };
}

/** The same family, with the numbers that stand in a snapshot. */
export function ofSnapshots({ name, help, visit }: MeasuredFamily): Family<object> {
  return {
    name,
    help,
    read: (snapshot, emit) =>
      visit(snapshot, (labels, value, measure, _, per) => emit(labels, told(value, measure, per))),
  };
}

function told(value: unknown, { ratio }: Measure, per: unknown): Value {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'number') return undefined;
  if (per === undefined) return inRatio(value, ratio);
  return typeof per === 'number' && per > 0 ? inRatio(value, ratio) / per : undefined;
}

import type { CollectorModel } from '../../src/model/collector.ts';
import { ALL_MODELS } from '../../src/model/collectors.ts';
import { type Field, type Fields, placeOf } from '../../src/model/field.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { randomOf } from './random_ticks.ts';

/** Names that interfaces, devices and events may really have. */
const ENTRIES = ['one', 'we"ird\\name', '__proto__'];
const PLACES = 3;

/** Snapshots that have every declared field, with values the declarations allow, null and absent ones among them. */
export function declaredSnapshots(seed: number, count: number, startMs: number): Snapshot[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, (_, sequence) => {
    const parts = ALL_MODELS.map((model) => [model.name, dataOf(model, random)] as const);
    const timestamp = new Date(startMs + sequence * 100).toISOString().replace('Z', '000Z');
    return { type: 'snapshot', sequence, timestamp, ...Object.fromEntries(parts) } as unknown as Snapshot;
  });
}

function dataOf(model: CollectorModel, random: () => number): object {
  const { fields, lists = {}, maps = {}, entries } = model;
  const names = model.name === 'sampling' ? ['cpu', 'disk'] : ENTRIES;
  return {
    ...valuesOf(fields, random),
    ...Object.fromEntries(
      Object.entries(lists).map(([list, { field }]) => [
        list,
        Array.from({ length: PLACES }, () => valueOfKind(field, random) ?? null),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(maps).map(([map, declared]) => [map, named(names, declared.fields, random)]),
    ),
    ...(entries !== undefined && named(entries.names, entries.fields, random)),
  };
}

function named(names: readonly string[], fields: Fields, random: () => number): object {
  // By way of entries, so that no name is special.
  return Object.fromEntries(names.map((name) => [name, valuesOf(fields, random)]));
}

function valuesOf(fields: Fields, random: () => number): object {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = valueOfKind(field, random);
    if (value === undefined) continue;
    const [first = '', second] = placeOf(name, field);
    if (second === undefined) values[first] = value;
    else values[first] = { ...(values[first] as object | undefined), [second]: value };
  }
  return values;
}

function valueOfKind({ kind, digits, presence }: Field, random: () => number): unknown {
  const isMissing = presence !== 'always' && random() < 0.2;
  if (isMissing)
    return presence === 'null' || (presence === 'absent or null' && random() < 0.5) ? null : undefined;
  switch (kind) {
    case 'flag':
      return random() < 0.5;
    case 'text':
      return random() < 0.5 ? 'a text' : 'größer "als" vierzehn Zeichen';
    case 'texts':
      return ['one', 'two'];
    case 'count':
      return Math.floor(random() * 2 ** 40);
    case 'counter':
      return digits === 0 ? Math.floor(random() * 2 ** 53) : Math.floor(random() * 1e12) / 10 ** digits;
    case 'share':
      return random() * 100;
    default:
      return random() * 1e6;
  }
}

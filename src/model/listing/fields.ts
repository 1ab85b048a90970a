import type { CollectorModel } from '../collector.ts';
import { ALL_MODELS } from '../collectors.ts';
import { type Field, type Fields, type Kind, placeOf, type Unit } from '../field.ts';

/** One field of a snapshot as people and programs ask for it: `hzstat fields`, `GET /fields`, docs/fields.md. */
export interface FieldFacts {
  /** From the snapshot down, `*` for every name or place: `network.interfaces.*.bytes_sent`. */
  readonly path: string;
  readonly collector: string;
  readonly unit: Unit;
  readonly kind: Kind;
  readonly meaning: string;
  readonly source: string;
  /** When and why it is absent or null; empty for what is always there. */
  readonly absent: string;
  readonly sql: { readonly table: string; readonly column: string } | null;
  /** The series of `/metrics` it is in. */
  readonly prometheus: string | null;
}

/** Every field there is, in the order of a snapshot. */
export const FIELDS: readonly FieldFacts[] = ALL_MODELS.flatMap((model) => [...factsOf(model)]);

function* factsOf(model: CollectorModel): Iterable<FieldFacts> {
  const { name, table } = model;
  yield* each(model, model.beside ?? {}, '', table);
  yield* each(model, model.fields, `${name}.`, table);
  for (const [list, { table: listTable, column, field }] of Object.entries(model.lists ?? {})) {
    yield facts(model, field, `${name}.${list}.*`, { table: listTable, column });
  }
  for (const [map, entries] of Object.entries(model.maps ?? {})) {
    yield* each(model, entries.fields, `${name}.${map}.*.`, entries.table);
  }
  if (model.entries !== undefined)
    yield* each(model, model.entries.fields, `${name}.*.`, model.entries.table);
}

function* each(
  model: CollectorModel,
  fields: Fields,
  before: string,
  table: string | undefined,
): Iterable<FieldFacts> {
  for (const [column, field] of Object.entries(fields)) {
    const inTable = table ?? tableSharing(model, column);
    const sql = inTable === undefined || !field.recorded ? null : { table: inTable, column };
    yield facts(model, field, before + placeOf(column, field).join('.'), sql);
  }
}

/** The table of entries whose rows have a field of the collector's own, too. */
function tableSharing({ maps = {} }: CollectorModel, column: string): string | undefined {
  return Object.values(maps).find(({ shared = [] }) => shared.includes(column))?.table;
}

function facts(model: CollectorModel, field: Field, path: string, sql: FieldFacts['sql']): FieldFacts {
  const { unit, kind, meaning, absent, metric } = field;
  return {
    path,
    collector: model.name,
    unit,
    kind,
    meaning,
    source: field.source ?? model.source,
    absent,
    sql,
    prometheus: metric?.name ?? null,
  };
}

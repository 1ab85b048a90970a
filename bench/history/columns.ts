import { type ColumnKind, TABLES } from '../../src/history/tables/schema.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

/** What kind of value a field of that name holds, wherever in a snapshot it stands. */
export const KIND_OF_FIELD: ReadonlyMap<string, ColumnKind> = new Map(
  TABLES.flatMap(({ columns }) => columns.map(({ name, kind }): [string, ColumnKind] => [name, kind])),
);

/**
 * The numbers of a snapshot that are recorded. Timestamps, labels, texts and what is missing are written too,
 * but not counted, so that bytes per scalar look no better than they are.
 */
export function recordedScalars(snapshot: Snapshot): number {
  let scalars = 0;
  for (const { columns, rows } of TABLES) {
    for (const { fields } of rows({ ...snapshot })) {
      for (const { name } of columns) if (typeof fields[name] === 'number') scalars++;
    }
  }
  return scalars;
}

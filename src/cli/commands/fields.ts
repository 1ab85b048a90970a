import { HzstatError } from '../../base/errors.ts';
import { FIELDS, type FieldFacts } from '../../model/listing/fields.ts';
import { renderTable } from './table.ts';

export interface FieldsOptions {
  format: 'table' | 'json';
}

const COLUMNS = ['path', 'unit', 'kind', 'meaning', 'source', 'SQL', 'Prometheus'] as const;

/**
 * Prints every field, or those of a collector, of a path or of whatever lies below it.
 *
 * @throws HzstatError BAD_FLAG when there is no such field, naming the ones most like it
 */
export function fieldsCommand(name: string | undefined, { format }: FieldsOptions): void {
  const found = name === undefined ? FIELDS : fieldsNamed(name);
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(found, undefined, 2)}\n`);
    return;
  }
  if (found.length === 1 && found[0] !== undefined) {
    process.stdout.write(description(found[0]));
    return;
  }
  const rows = found.map((field) => [
    field.path,
    field.unit,
    field.kind,
    field.meaning,
    field.source,
    sqlName(field) ?? '',
    field.prometheus ?? '',
  ]);
  const columns = COLUMNS.map((column) => ({ name: column, type: 'VARCHAR' }));
  const result = { columns, rows, row_count: rows.length, truncated: false, elapsed_ms: 0 };
  process.stdout.write(renderTable(result, process.stdout.columns));
}

/** Fields by collector, by path, by the last part of it, by column or by series. */
function fieldsNamed(name: string): readonly FieldFacts[] {
  const isAt = ({ path }: FieldFacts): boolean => path === name || path.startsWith(`${name}.`);
  const isCalled = (field: FieldFacts): boolean =>
    field.path.endsWith(`.${name}`) || sqlName(field) === name || field.prometheus === name;
  const found = FIELDS.filter(isAt);
  const called = found.length > 0 ? found : FIELDS.filter(isCalled);
  if (called.length > 0) return called;
  const part = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '');
  const similar = FIELDS.filter(({ path }) => path.replaceAll(/[^a-z0-9]+/g, '').includes(part));
  const hint =
    similar.length > 0
      ? `did you mean ${similar
          .slice(0, 3)
          .map(({ path }) => path)
          .join(', ')}?`
      : '"hzstat fields" lists all';
  throw new HzstatError('BAD_FLAG', `there is no field "${name}"; ${hint}`);
}

function sqlName({ sql }: FieldFacts): string | undefined {
  return sql === null ? undefined : `${sql.table}.${sql.column}`;
}

/** One field in lines of its own. */
function description(field: FieldFacts): string {
  const { path, meaning, unit, kind, source, absent, prometheus } = field;
  const lines = [
    ['unit', unit || 'none'],
    ['kind', kind],
    ['source', source],
    ['missing', absent || 'never'],
    ['SQL', sqlName(field) ?? 'not recorded'],
    ['Prometheus', prometheus ?? 'no series'],
  ];
  return `${path}\n${meaning}\n\n${lines.map(([name = '', text]) => `${name.padEnd(12)}${text}\n`).join('')}`;
}

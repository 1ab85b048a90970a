import { figure, renderTable } from '../report/table.ts';
import type { RowResult, SuiteResult } from './run.ts';

/** One table for each suite; the control of a suite is marked. */
export function suiteTable({ source, rows }: SuiteResult): string {
  return renderTable(
    [
      { heading: `${source}, µs` },
      { heading: 'p50', numeric: true },
      { heading: 'p99', numeric: true },
      { heading: 'samples', numeric: true },
    ],
    rows.map((row) => [
      nameOf(row),
      ...[row.p50_us, row.p99_us].map(figure),
      row.samples.toLocaleString('en'),
    ]),
  );
}

function nameOf({ name, control, too_fast }: RowResult): string {
  if (control) return `(control) ${name}`;
  return too_fast ? `${name} (too fast for the clock)` : name;
}

import type { RecordLayout } from '../../records/layout.ts';
import { outlineOf } from '../../records/outline.ts';
import { type Outline, Slot } from '../../records/slot.ts';
import { HEADER_SLOTS, SEQUENCE, UNIX_US } from '../rows/row_header.ts';
import { type Cell, TABLES, type Table } from './schema.ts';

/** Where each cell of a row comes from. */
export type RowPlan = readonly (Slot | Cell)[];

/** Where in the rows of one layout the rows of a table come from. */
export interface TablePlan {
  /** Rows that every snapshot of the layout has. */
  readonly rows: readonly RowPlan[];
  /** Rows with a single number, by the slot it stands in; without it there is no row. */
  readonly numbers: readonly (readonly [slot: number, row: RowPlan])[];
}

const TIME = new Slot(UNIX_US, 'number');
const NOTHING: TablePlan = { rows: [], numbers: [] };
const plans = new WeakMap<RecordLayout, ReadonlyMap<Table, TablePlan>>();

/** Made once for each layout, by asking the tables for the rows of its outline. */
export function planFor(layout: RecordLayout, table: Table): TablePlan {
  let plan = plans.get(layout);
  if (plan === undefined) {
    const outline = { ...outlineOf(layout, HEADER_SLOTS), sequence: new Slot(SEQUENCE, 'number') };
    plan = new Map(TABLES.map((each) => [each, planRows(each, outline)]));
    plans.set(layout, plan);
  }
  return plan.get(table) ?? NOTHING;
}

function planRows(table: Table, snapshot: Outline): TablePlan {
  const rows: RowPlan[] = [];
  const numbers: [number, RowPlan][] = [];
  const isSingle = table.columns[0]?.kind === 'number';
  for (const { labels, fields } of table.rows(snapshot)) {
    const values = table.columns.map(({ name }) => {
      const value = fields[name];
      return value instanceof Slot || typeof value === 'string' || typeof value === 'number' ? value : null;
    });
    const row = [TIME, ...labels, ...values];
    const [first] = values;
    if (isSingle && first instanceof Slot) numbers.push([first.index, row]);
    else rows.push(row);
  }
  return { rows, numbers };
}

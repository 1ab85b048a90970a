import { type Layout, type RecordLayout, slotsOf } from '../../records/layout.ts';
import { HEADER_SLOTS, SEQUENCE, UNIX_US } from '../rows/row_header.ts';
import { type Cell, TABLES, type Table } from './schema.ts';
import { type Outline, Slot } from './slot.ts';

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
    const outline = outlineOf(layout);
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

function outlineOf(layout: RecordLayout): Outline {
  let at = HEADER_SLOTS;
  const outline = (part: Layout): unknown => {
    switch (part.kind) {
      case 'constant':
        return part.text;
      case 'list':
        return part.items.map(outline);
      case 'map': {
        const map = {};
        for (const [index, key] of part.keys.entries()) {
          // Assigned, `__proto__` would be swallowed: an interface or a device may be called anything.
          Object.defineProperty(map, key, { value: outline(part.values[index]!), enumerable: true });
        }
        return map;
      }
      default: {
        const slot = new Slot(at, part.kind);
        at += slotsOf(part);
        return slot;
      }
    }
  };
  return { ...(outline(layout) as Outline), sequence: new Slot(SEQUENCE, 'number') };
}

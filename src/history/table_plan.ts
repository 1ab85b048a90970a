import { type Layout, type RecordLayout, TEXT_SLOTS } from '../shared/records/layout.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { type Cell, TABLES, type Table } from './schema.ts';
import { Slot } from './slot.ts';
import { HEADER_SLOTS, SEQUENCE, type SnapshotRows, UNIX_US } from './snapshot_rows.ts';
import type { TableAppender } from './table_appender.ts';

/** A row of a table that every snapshot of a layout has: where each of its cells comes from. */
interface RowPlan {
  readonly cells: readonly (Slot | Cell)[];
  /** Where the only number of the row stands, without which there is no row. */
  readonly onlyNumber: number | undefined;
}

/** Where in the rows of one layout the rows of the tables come from, in the order of the tables. */
export type TablePlans = readonly (readonly RowPlan[])[];

const TIME = new Slot(UNIX_US, 'number');
const plans = new WeakMap<RecordLayout, TablePlans>();

/** Made once for each layout, by asking every table for the rows of a snapshot that has slots for values. */
export function plansFor(layout: RecordLayout): TablePlans {
  let plan = plans.get(layout);
  if (plan === undefined) {
    const snapshot = outlineOf(layout);
    plan = TABLES.map((table) => [...planRows(table, snapshot)]);
    plans.set(layout, plan);
  }
  return plan;
}

function* planRows(table: Table, snapshot: Snapshot): Iterable<RowPlan> {
  const [first] = table.columns;
  for (const { labels, fields } of table.rows(snapshot)) {
    const values = table.columns.map(({ name }) => {
      const value = fields[name];
      return value instanceof Slot || typeof value === 'string' || typeof value === 'number' ? value : null;
    });
    const lead = values[0];
    const onlyNumber = first?.kind === 'number' && lead instanceof Slot ? lead.index : undefined;
    yield { cells: [TIME, ...labels, ...values], onlyNumber };
  }
}

/** A snapshot of that layout with slots in place of what changes. */
function outlineOf(layout: RecordLayout): Snapshot {
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
        at += part.kind === 'text' ? TEXT_SLOTS : 1;
        return slot;
      }
    }
  };
  const parts = outline(layout) as Partial<Snapshot>;
  const sampling = parts.sampling ?? { collectors: {} };
  // Only the tables look at it, and they take whatever stands where a value is expected.
  return { ...parts, sampling, sequence: new Slot(SEQUENCE, 'number') } as unknown as Snapshot;
}

/** Appends the rows a table has for these snapshots; returns how many there are. */
export function appendRows(appender: TableAppender, rows: readonly RowPlan[], source: SnapshotRows): number {
  const whole = rows.filter(({ onlyNumber }) => onlyNumber === undefined);
  let appended = appendWhole(appender, whole, source);
  for (const { cells, onlyNumber } of rows) {
    if (onlyNumber === undefined) continue;
    for (let i = 0; i < source.count; i++) {
      if (Number.isNaN(source.rows[i * source.stride + onlyNumber])) continue;
      appender.append(cells, source, { first: i, count: 1, row: appender.reserve(1), step: 1 });
      appended++;
    }
  }
  return appended;
}

/** Column by column, and yet with the rows of one snapshot side by side: their times compress best like this. */
function appendWhole(appender: TableAppender, rows: readonly RowPlan[], source: SnapshotRows): number {
  const { mostRows } = appender;
  for (let from = 0; from < rows.length; from += mostRows) {
    const some = rows.slice(from, from + mostRows);
    const atOnce = Math.floor(mostRows / some.length);
    for (let first = 0; first < source.count; first += atOnce) {
      const count = Math.min(atOnce, source.count - first);
      const start = appender.reserve(count * some.length);
      for (const [index, { cells }] of some.entries()) {
        appender.append(cells, source, { first, count, row: start + index, step: some.length });
      }
    }
  }
  return rows.length * source.count;
}

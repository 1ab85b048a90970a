import { type Layout, type RecordLayout, TEXT_SLOTS } from '../shared/records/layout.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import type { Cell, Table } from './schema.ts';
import { Slot } from './slot.ts';
import { HEADER_SLOTS, SEQUENCE, UNIX_US } from './snapshot_rows.ts';

/** A row of a table that every snapshot of a layout has: where each of its cells comes from. */
export interface RowPlan {
  readonly cells: readonly (Slot | Cell)[];
  /** Where the only number of the row stands, without which there is no row. */
  readonly onlyNumber: number | undefined;
}

const TIME = new Slot(UNIX_US, 'number');
const plans = new WeakMap<RecordLayout, Map<Table, readonly RowPlan[]>>();

/**
 * The rows of a table that snapshots of this layout have. Made once, by asking the table for the rows of a snapshot
 * that has slots for values.
 */
export function planRows(layout: RecordLayout, table: Table): readonly RowPlan[] {
  const known = plans.get(layout) ?? new Map<Table, readonly RowPlan[]>();
  plans.set(layout, known);
  let plan = known.get(table);
  if (plan === undefined) {
    plan = [...rowsOf(table, outlineOf(layout))];
    known.set(table, plan);
  }
  return plan;
}

function* rowsOf(table: Table, snapshot: Snapshot): Iterable<RowPlan> {
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

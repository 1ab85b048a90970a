import type { Snapshot } from '../shared/snapshot.ts';
import { type FrameScanner, type FrameShape, Slot } from '../wire/frame_scanner.ts';
import type { RowAppender } from './row_appender.ts';
import { type Cell, type Column, cell, TABLES } from './schema.ts';

/** A cell of a row: of which column, and where its value stands in the frame; or what it always is. */
type CellPlan =
  | { readonly column: Column; readonly slot: number }
  | { readonly column: Column; readonly slot: undefined; readonly constant: Cell };

interface RowPlan {
  /** Where the only number of the row stands, without which there is no row. */
  readonly onlyNumber: number | undefined;
  readonly labels: readonly string[];
  readonly cells: readonly CellPlan[];
}

/** Where in the frames of one shape the rows of the tables come from. */
export interface ShapePlan {
  /** The slot of the snapshot's time. */
  readonly timestamp: number;
  /** In the order of the tables. */
  readonly tables: readonly (readonly RowPlan[])[];
}

const plans = new WeakMap<FrameShape, ShapePlan | null>();

/**
 * The plan for the frame scanned last; undefined when it is no snapshot. Made once for each shape, by asking every
 * table for the rows of a snapshot that has slots for values.
 */
export function planOf(shape: FrameShape, { texts }: FrameScanner): ShapePlan | undefined {
  const type = slotOf(Reflect.get(shape.outline, 'type'));
  if (type === undefined || texts[type] !== 'snapshot') return undefined;
  let plan = plans.get(shape);
  if (plan === undefined) {
    plan = makePlan(shape.outline);
    plans.set(shape, plan);
  }
  return plan ?? undefined;
}

function makePlan(outline: object): ShapePlan | null {
  const snapshot = outline as Snapshot;
  const timestamp = slotOf(snapshot.timestamp);
  if (timestamp === undefined || snapshot.sampling === undefined) return null;
  const tables = TABLES.map(({ columns, rows }) =>
    [...rows(snapshot)].map(({ labels, fields }): RowPlan => {
      const cells = columns.map((column): CellPlan => {
        const value = fields[column.name];
        const slot = slotOf(value);
        return slot === undefined ? { column, slot, constant: cell(column, value) } : { column, slot };
      });
      const [first] = cells;
      const onlyNumber = first?.column.kind === 'number' ? first.slot : undefined;
      return { onlyNumber, labels, cells };
    }),
  );
  return { timestamp, tables };
}

function slotOf(value: unknown): number | undefined {
  return value instanceof Slot ? value.index : undefined;
}

/** Appends the rows of a table for the frame scanned last; returns how many there are. */
export function appendRows(
  appender: RowAppender,
  rows: readonly RowPlan[],
  unixUs: number,
  { numbers, texts, flags }: FrameScanner,
): number {
  let appended = 0;
  for (const { onlyNumber, labels, cells } of rows) {
    if (onlyNumber !== undefined && Number.isNaN(numbers[onlyNumber])) continue;
    appender.cell(unixUs);
    for (const label of labels) appender.cell(label);
    for (const plan of cells) {
      const { column, slot } = plan;
      if (slot === undefined) appender.cell(plan.constant);
      else appender.cell(cell(column, texts[slot] ?? flags[slot] ?? orNull(numbers[slot]!)));
    }
    appender.endRow();
    appended++;
  }
  return appended;
}

function orNull(number: number): number | null {
  return Number.isNaN(number) ? null : number;
}

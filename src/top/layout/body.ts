import { linesOf } from '../drawing/fit.ts';
import type { Hits } from '../drawing/hits.ts';
import type { Region } from '../drawing/region.ts';
import { STYLE } from '../drawing/style.ts';
import { type Panel, RANK, type Row } from '../rows/panel.ts';
import type { Target } from '../view/target.ts';
import type { Moment, View } from '../view/view.ts';
import { balanced, columnWidths, GUTTER } from './columns.ts';

/** Cells left of every panel, for its name. */
const TITLE_CELLS = 9;
/** Lines that growing rows count for when panels are spread over columns. */
const MOST_COUNTED_GROWTH = 3;

interface Placed {
  readonly panel: Panel;
  readonly rows: readonly Row[];
}

const GAP: Row = { rank: RANK.gap, draw: () => {} };

/** Draws panels into a region, in as many columns as it has room for; returns the panels that found no line. */
export function drawPanels(
  region: Region,
  panels: readonly Panel[],
  view: View,
  moment: Moment,
  hits?: Hits<Target>,
): Panel[] {
  const widths = columnWidths(region.width);
  const placed = panels.map((panel) => ({
    panel,
    rows: panel.rows(view, moment, Math.max(1, (widths[0] ?? 0) - TITLE_CELLS)),
  }));
  const runs = balanced(placed.map(heightOf), widths.length);
  const leftOut: Panel[] = [];
  let left = 0;
  let from = 0;
  for (const [column, width] of widths.entries()) {
    const count = runs[column] ?? 0;
    const part = region.part(left, 0, width);
    leftOut.push(...drawColumn(part, placed.slice(from, from + count), moment, hits));
    left += width + GUTTER;
    from += count;
  }
  return leftOut;
}

function heightOf({ rows }: Placed): number {
  return rows.reduce(
    (sum, { lines = 1, grows = 0 }) => sum + lines + Math.min(grows, MOST_COUNTED_GROWTH),
    1,
  );
}

function drawColumn(
  region: Region,
  placed: readonly Placed[],
  moment: Moment,
  hits: Hits<Target> | undefined,
): Panel[] {
  const rows = placed.flatMap((each, index) => (index === 0 ? each.rows : [GAP, ...each.rows]));
  const lines = filled(rows, linesOf(rows, region.height), region.height);
  const leftOut: Panel[] = [];
  let row = 0;
  let top = 0;
  for (const [index, each] of placed.entries()) {
    if (index > 0) top += lines[row++] ?? 0;
    const given = lines.slice(row, row + each.rows.length);
    row += each.rows.length;
    const height = given.reduce((sum, count) => sum + count, 0);
    if (height === 0) leftOut.push(each.panel);
    else drawPanel(region.part(0, top, region.width, height), each, given, moment, hits);
    top += height;
  }
  return leftOut;
}

/** The lines that would stay empty go to the charts, in turn. */
function filled(rows: readonly Row[], lines: readonly number[], height: number): number[] {
  const all = [...lines];
  const growing = rows.flatMap(({ grows = 0 }, index) =>
    grows > 0 && (lines[index] ?? 0) > 0 ? [index] : [],
  );
  if (growing.length === 0) return all;
  let left = height - lines.reduce((sum, count) => sum + count, 0);
  for (let turn = 0; left > 0; turn++, left--) {
    const index = growing[turn % growing.length] ?? 0;
    all[index] = (all[index] ?? 0) + 1;
  }
  return all;
}

function drawPanel(
  region: Region,
  { panel, rows }: Placed,
  lines: readonly number[],
  moment: Moment,
  hits: Hits<Target> | undefined,
): void {
  hits?.add(region, { kind: 'panel', panel: panel.title });
  const late = panel.isLate(moment);
  region.text(0, 0, late ? `${panel.title}!` : panel.title, late ? STYLE.warning : STYLE.title);
  const hidden = rows.filter(({ item }, index) => item === true && lines[index] === 0).length;
  if (hidden > 0 && region.height > 1) region.text(0, region.height - 1, `+${hidden} more`, STYLE.faint);
  let top = 0;
  for (const [index, row] of rows.entries()) {
    const height = lines[index] ?? 0;
    if (height === 0) continue;
    const part = region.part(TITLE_CELLS, top, region.width - TITLE_CELLS, height);
    row.draw(part);
    if (row.name !== undefined)
      hits?.add(part, { kind: 'item', item: { panel: panel.title, name: row.name } });
    if (row.moment !== undefined) hits?.add(part, { kind: 'moment', timestamp: row.moment });
    top += height;
  }
}

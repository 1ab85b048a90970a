import type { Glyphs } from './glyphs.ts';

/**
 * A chart of the given number of lines, topmost first, one column a value, from 0 to `top`. A value that is not known (NaN) is a
 * gap; a value of nothing still stands on the ground line, so that the two can be told apart.
 */
export function sparkline(
  values: ArrayLike<number>,
  top: number,
  lines: number,
  { levels }: Glyphs,
): string[] {
  const perLine = levels.length;
  const rows: string[] = [];
  for (let line = 0; line < lines; line++) {
    const ground = (lines - 1 - line) * perLine;
    let row = '';
    for (let column = 0; column < values.length; column++) {
      const above = heightOf(values[column]!, top, lines * perLine) - ground;
      row += above <= 0 ? ' ' : levels[Math.min(above, perLine) - 1];
    }
    rows.push(row);
  }
  return rows;
}

function heightOf(value: number, top: number, steps: number): number {
  if (Number.isNaN(value)) return 0;
  const share = top > 0 ? Math.min(Math.max(value / top, 0), 1) : 0;
  return Math.max(1, Math.round(share * steps));
}

/** One glyph for a share of 0 to 100. */
export function level(percent: number, { levels }: Glyphs): string {
  const index = Math.ceil((Math.min(Math.max(percent, 0), 100) / 100) * levels.length) - 1;
  return levels[Math.max(0, index)] ?? '';
}

import type { Glyphs } from './glyphs.ts';

/** A bar of the given width, filled to a share of 0 to 100. Anything above nothing shows at least its smallest part. */
export function bar(percent: number, cells: number, { parts, empty }: Glyphs): string {
  const share = Math.min(Math.max(percent, 0), 100) / 100;
  const filled = share * cells * parts.length;
  const steps = Math.min(cells * parts.length, share > 0 ? Math.max(1, Math.round(filled)) : 0);
  const full = Math.floor(steps / parts.length);
  const rest = steps % parts.length;
  const partial = rest === 0 ? '' : (parts[rest - 1] ?? '');
  return (parts.at(-1) ?? '').repeat(full) + partial + empty.repeat(cells - full - (partial === '' ? 0 : 1));
}

/** How many cells each of several shares of 0 to 100 gets, so that together they are as long as their sum. */
export function stackedCells(percents: readonly number[], cells: number): number[] {
  let sum = 0;
  let ended = 0;
  return percents.map((percent) => {
    sum = Math.min(100, sum + Math.max(0, percent));
    const end = Math.round((sum / 100) * cells);
    const length = end - ended;
    ended = end;
    return length;
  });
}

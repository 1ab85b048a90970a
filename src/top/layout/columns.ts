const NARROWEST_OF_TWO = 70;
export const GUTTER = 2;

/** How many columns of panels a terminal of this width has room for, and how wide each is. */
export function columnWidths(width: number): number[] {
  const columns = Math.min(3, Math.max(1, Math.floor((width + GUTTER) / (NARROWEST_OF_TWO + GUTTER))));
  const usable = width - GUTTER * (columns - 1);
  return Array.from({ length: columns }, (_, index) =>
    index === columns - 1
      ? usable - Math.floor(usable / columns) * (columns - 1)
      : Math.floor(usable / columns),
  );
}

/**
 * Cuts a list of heights into the given number of runs, in order, such that the highest run is as low as can be. Returns how
 * many heights are in each run.
 */
export function balanced(heights: readonly number[], runs: number): number[] {
  if (runs <= 1 || heights.length === 0) return [heights.length];
  let best: number[] = [];
  let lowest = Number.POSITIVE_INFINITY;
  let first = 0;
  for (let taken = 1; taken <= heights.length; taken++) {
    first += heights[taken - 1]!;
    const rest = balanced(heights.slice(taken), runs - 1);
    const highest = Math.max(first, highestRun(heights.slice(taken), rest));
    if (highest < lowest) {
      lowest = highest;
      best = [taken, ...rest];
    }
  }
  return best;
}

function highestRun(heights: readonly number[], runs: readonly number[]): number {
  let highest = 0;
  let from = 0;
  for (const length of runs) {
    highest = Math.max(
      highest,
      heights.slice(from, from + length).reduce((sum, height) => sum + height, 0),
    );
    from += length;
  }
  return highest;
}

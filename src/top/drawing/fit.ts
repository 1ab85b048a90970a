/** What a row asks for when lines are given out. */
export interface RowDemand {
  /** Which rows go first when there are too few lines: those with the highest rank. */
  readonly rank: number;
  /** How many lines it needs to be of use; default one. With fewer it gets none. */
  readonly lines?: number;
  /** How many lines more than that it can make use of. */
  readonly grows?: number;
}

/** Gives out lines: to each row what it needs, the highest ranks left out, then more to those that grow, in turn. */
export function linesOf(rows: readonly RowDemand[], lines: number): number[] {
  const given = rows.map(() => 0);
  const byRank = rows.map((_, index) => index).sort((a, b) => rows[a]!.rank - rows[b]!.rank || a - b);
  let left = Math.max(0, lines);
  for (const index of byRank) {
    const needed = rows[index]!.lines ?? 1;
    if (needed > left) continue;
    given[index] = needed;
    left -= needed;
  }
  for (let grew = true; grew && left > 0; ) {
    grew = false;
    for (const [index, { lines: needed = 1, grows = 0 }] of rows.entries()) {
      if (left === 0 || given[index] === 0 || given[index]! >= needed + grows) continue;
      given[index]!++;
      left--;
      grew = true;
    }
  }
  return given;
}

/** Of four letters one may be wrong or missing, and two of any word. */
const WRONG_SHARE = 1 / 4;
const FEWEST_WRONG = 2;

/** The known name that takes the fewest changes of a letter to write; undefined where nothing is known. */
export function closest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const each of known) {
    const changes = changesBetween(name, each);
    if (changes >= fewest) continue;
    fewest = changes;
    best = each;
  }
  return best;
}

/** What was probably meant by a name there is none of; undefined where nothing is like it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase();
  const meant = closest(plain, known);
  const mostWrong = Math.max(FEWEST_WRONG, Math.ceil(plain.length * WRONG_SHARE));
  if (meant !== undefined && changesBetween(plain, meant) <= mostWrong) return meant;
  // Only the beginning, or a word of it.
  return plain.length > FEWEST_WRONG ? known.find((each) => each.includes(plain)) : undefined;
}

/** That there is nothing of this name, what there is, and what was probably meant. */
export function noSuch(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : `; the nearest is "${meant}"`;
  return `there is no ${what} "${name}"; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}${hint}`;
}

/** Letters to add, to leave out or to replace (Levenshtein distance), by one row of the table at a time. */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (letter === to[at - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

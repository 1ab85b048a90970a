import leven from 'leven';

/** Of four letters one may be wrong or missing, and two of any word. */
const WRONG_SHARE = 1 / 4;
const FEWEST_WRONG = 2;

/** The known names that take the fewest changes of a letter to write, the likeliest first. */
export function nearby(name: string, known: readonly string[], most: number): string[] {
  return known
    .map((each) => ({ each, changes: leven(name, each) }))
    .sort((a, b) => a.changes - b.changes)
    .slice(0, most)
    .map(({ each }) => each);
}

/** The known name that takes the fewest changes of a letter to write; undefined where nothing is known. */
export function closest(name: string, known: readonly string[]): string | undefined {
  return nearby(name, known, 1)[0];
}

/** What was probably meant by a name there is none of; undefined where nothing is like it. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase();
  const meant = closest(plain, known);
  const mostWrong = Math.max(FEWEST_WRONG, Math.ceil(plain.length * WRONG_SHARE));
  if (meant !== undefined && leven(plain, meant) <= mostWrong) return meant;
  // Only the beginning, or a word of it.
  return plain.length > FEWEST_WRONG ? known.find((each) => each.includes(plain)) : undefined;
}

/** That there is nothing of this name, what there is, and what was probably meant. */
export function noSuch(what: string, name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : `; the nearest is "${meant}"`;
  return `there is no ${what} "${name}"; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}${hint}`;
}

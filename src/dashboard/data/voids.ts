import type { Range } from '../view/view_state.ts';
import type { Buckets } from './buckets.ts';

/** Fewer columns than this have no room for words. */
const FEWEST_PIXELS = 56;
/** A bucket holds for this much of its width on either side. */
const GAP_FACTOR = 2.5;

/**
 * Stretches of a range in which none of the series has a value, where they are wide enough to be told.
 *
 * @param pixels how wide the range is drawn
 */
export function voidsIn(
  { times, bands, width }: Buckets,
  keys: readonly string[],
  range: Range,
  pixels: number,
): Range[] {
  const least = Math.max((FEWEST_PIXELS / pixels) * (range.to - range.from), width * GAP_FACTOR);
  const voids: Range[] = [];
  const columns = keys.map((key) => bands.get(key)?.avg);
  let known = range.from;
  const end = (time: number): void => {
    if (time - known >= least) voids.push({ from: known, to: time });
  };
  for (let index = 0; index < times.length; index++) {
    const time = times[index]!;
    if (time < range.from || time > range.to) continue;
    if (!columns.some((values) => values?.[index] != null)) continue;
    end(time);
    known = time;
  }
  end(range.to);
  return voids;
}

import type { Band } from '../data/buckets.ts';

/** From seconds and values to pixels of a canvas. */
export interface Placement {
  readonly left: number;
  readonly bottom: number;
  readonly from: number;
  readonly perSecond: number;
  readonly perUnit: number;
}

const LEAST_BAND_PX = 0.75;

export interface LinePaths {
  /** The line of the means. */
  readonly stroke: Path2D;
  /** The area from the minima to the maxima; null where they are the same. */
  readonly fill: Path2D | null;
}

/** The paths of the buckets from `first` to `last`. A null ends one stretch of line, and the next begins another. */
export function linePaths(
  times: ArrayLike<number>,
  { min, avg, max }: Band,
  first: number,
  last: number,
  place: Placement,
): LinePaths {
  const { left, bottom, from, perSecond, perUnit } = place;
  const stroke = new Path2D();
  const fill = min === max ? null : new Path2D();
  let begin = -1;
  for (let i = first; i <= last + 1; i++) {
    const value = i > last ? null : avg[i];
    if (value == null) {
      if (begin === -1) continue;
      // A single sample between two gaps is still seen.
      if (i - begin === 1) {
        stroke.rect(left + (times[begin]! - from) * perSecond - 1, bottom - avg[begin]! * perUnit, 2, 1);
      }
      if (fill !== null) bands(fill, begin, i);
      begin = -1;
      continue;
    }
    const x = left + (times[i]! - from) * perSecond;
    const y = bottom - value * perUnit;
    if (begin !== -1) stroke.lineTo(x, y);
    else {
      stroke.moveTo(x, y);
      begin = i;
    }
  }
  return { stroke, fill };

  /** The area where it is high enough to be seen: filling what is not costs as much. */
  function bands(path: Path2D, start: number, end: number): void {
    let open = -1;
    for (let i = start; i <= end; i++) {
      const visible = i < end && ((max[i] ?? 0) - (min[i] ?? 0)) * perUnit >= LEAST_BAND_PX;
      if (visible && open === -1) open = Math.max(i - 1, start);
      if (visible || open === -1) continue;
      area(path, open, Math.min(i + 1, end));
      open = -1;
    }
  }

  function area(path: Path2D, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const x = left + (times[i]! - from) * perSecond;
      const y = bottom - (max[i] ?? 0) * perUnit;
      if (i === start) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    for (let i = end - 1; i >= start; i--) {
      path.lineTo(left + (times[i]! - from) * perSecond, bottom - (min[i] ?? 0) * perUnit);
    }
    path.closePath();
  }
}

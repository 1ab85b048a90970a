import { maximumKey, minimumKey } from './metric.ts';

/** A number for each bucket, or null where there is none: what a chart draws. */
export type Values = (number | null)[];

/** What one series was within each bucket. */
export interface Band {
  readonly min: Values;
  readonly avg: Values;
  readonly max: Values;
}

/** Several series over the same buckets, oldest first. */
export interface Buckets {
  /** Seconds since 1970 of the middle of each bucket, or of the sample where there is one for each. */
  readonly times: number[];
  /** Seconds from one bucket to the next. */
  readonly width: number;
  readonly bands: ReadonlyMap<string, Band>;
}

export const NO_BUCKETS: Buckets = { times: [], width: 1, bands: new Map() };

/** A stretch without a sample this many times longer than usual is drawn as a gap. */
const GAP_FACTOR = 2.5;

export function emptyBand(): Band {
  return { min: [], avg: [], max: [] };
}

interface Rows {
  readonly times: Float64Array;
  /** Seconds between two rows now. */
  readonly interval: number;
  /** Milliseconds between each row and the next, as it was then. */
  readonly intervals: Float32Array | undefined;
  column(key: string): Float32Array | undefined;
}

/**
 * Sorts rows into buckets of a width, aligned to multiples of it so that a column of pixels keeps its content as
 * time goes on. Where samples are farther apart than that, each is its own. Gaps become nulls.
 *
 * @param first index of the first row wanted
 * @param last index after the last one
 */
export function bucketsOf(
  rows: Rows,
  keys: readonly string[],
  width: number,
  first: number,
  last: number,
): Buckets {
  const edges: number[] = [];
  const times: number[] = [];
  const single = width < rows.interval * 1.5;
  const step = single ? rows.interval : width;
  let bucket = Number.NaN;
  let previous = Number.NaN;
  for (let row = first; row < last; row++) {
    const time = rows.times[row]!;
    const current = single ? row : Math.floor(time / width);
    if (current === bucket) {
      previous = time;
      continue;
    }
    if (time - previous > Math.max(step, (rows.intervals?.[row] ?? 0) / 1000) * GAP_FACTOR) {
      // A bucket without rows: every series is null there.
      edges.push(row);
      times.push((previous + time) / 2);
    }
    edges.push(row);
    times.push(single ? time : (current + 0.5) * width);
    bucket = current;
    previous = time;
  }
  edges.push(last);
  const bands = new Map<string, Band>();
  for (const key of keys) {
    const values = rows.column(key);
    const low = rows.column(minimumKey(key)) ?? values;
    const high = rows.column(maximumKey(key)) ?? values;
    bands.set(key, single ? samplesOf(values, low, high, edges) : bandOf(values, low, high, edges));
  }
  return { times, width: step, bands };
}

type Column = Float32Array | undefined;

/** Buckets of one sample each: where it stands for itself, minimum, mean and maximum are one and the same list. */
function samplesOf(values: Column, low: Column, high: Column, edges: readonly number[]): Band {
  const listOf = (column: Column): Values => {
    const list: Values = [];
    for (let index = 0; index < edges.length - 1; index++) {
      const row = edges[index]!;
      // The extremes of a sample may be missing where its mean is not.
      const given = column?.[row] ?? Number.NaN;
      const value = Number.isNaN(given) ? values?.[row] : given;
      const isGap = row === edges[index + 1] || value === undefined || Number.isNaN(value);
      list.push(isGap ? null : value);
    }
    return list;
  };
  const avg = listOf(values);
  return { min: low === values ? avg : listOf(low), avg, max: high === values ? avg : listOf(high) };
}

function bandOf(values: Column, lows: Column, highs: Column, edges: readonly number[]): Band {
  const band = emptyBand();
  for (let index = 0; index < edges.length - 1; index++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let sum = 0;
    let count = 0;
    if (values !== undefined) {
      for (let row = edges[index]!; row < edges[index + 1]!; row++) {
        const value = values[row]!;
        if (Number.isNaN(value)) continue;
        const least = lows![row]!;
        const most = highs![row]!;
        if (least < low) low = least;
        if (most > high) high = most;
        sum += value;
        count++;
      }
    }
    const any = count > 0;
    band.min.push(any ? Math.min(low, sum / count) : null);
    band.max.push(any ? Math.max(high, sum / count) : null);
    band.avg.push(any ? sum / count : null);
  }
  return band;
}

/** Older buckets followed by newer ones; keys only one of them has are null in the other. */
export function joined(older: Buckets, newer: Buckets, keys: readonly string[]): Buckets {
  if (older.times.length === 0) return newer;
  const lastOlder = older.times.at(-1)!;
  const from = newer.times.findIndex((time) => time > lastOlder);
  if (from === -1) return older;
  const gap = newer.times[from]! - lastOlder > Math.max(older.width, newer.width) * GAP_FACTOR;
  const middle = gap ? [(lastOlder + newer.times[from]!) / 2] : [];
  const times = [...older.times, ...middle, ...newer.times.slice(from)];
  const bands = new Map<string, Band>();
  for (const key of keys) {
    const a = older.bands.get(key);
    const b = newer.bands.get(key);
    const part = (side: keyof Band): Values => [
      ...(a?.[side] ?? older.times.map(() => null)),
      ...middle.map(() => null),
      ...(b?.[side].slice(from) ?? newer.times.slice(from).map(() => null)),
    ];
    bands.set(key, { min: part('min'), avg: part('avg'), max: part('max') });
  }
  return { times, width: Math.max(older.width, newer.width), bands };
}

/**
 * The columns of pixels a bucket fills, from the first to before the last: up to the next bucket unless there is a
 * gap between them, so that rounding leaves none that is not there.
 */
export function columnsOfBucket(
  { times, width }: Buckets,
  index: number,
  from: number,
  columnsPerSecond: number,
  columns: number,
): [first: number, last: number] {
  const time = times[index]!;
  const next = times[index + 1];
  const end = next !== undefined && next - time < width * GAP_FACTOR ? next : time + width;
  const first = Math.max(Math.round((time - width / 2 - from) * columnsPerSecond), 0);
  const last = Math.max(Math.round((end - width / 2 - from) * columnsPerSecond), first + 1);
  return [first, Math.min(last, columns)];
}

import type { Range } from '../view/view_state.ts';
import { type Band, type Buckets, emptyBand, NO_BUCKETS, type Values } from './buckets.ts';
import type { Resolution, Source } from './history_sql.ts';
import { type MetricKey, metricKey } from './metric.ts';

/** A row of the answer to {@link historySql}. */
export interface HistoryRow {
  readonly source: string;
  readonly label: string;
  /** Microseconds since 1970. */
  readonly t: readonly number[];
  /** Minima, means and maxima of each column in turn. */
  readonly v: readonly Values[];
}

const GAP_FACTOR = 2.5;

/** The answer to {@link historySql} as rows; those without a single bucket are left out. */
export function historyRows(rows: readonly (readonly unknown[])[]): HistoryRow[] {
  return rows.flatMap(([source, label, t, v]) =>
    Array.isArray(t) && Array.isArray(v) ? [{ source: String(source), label: String(label), t, v }] : [],
  );
}

const US_PER_SECOND = 1e6;
const secondOf = (timeUs: number): number => Math.floor(timeUs / US_PER_SECOND);

/** The seconds (since 1970) there are rows of, and when the first and the last of each was. */
function secondsIn(rows: readonly HistoryRow[]): Map<number, { first: number; last: number }> {
  const seconds = new Map<number, { first: number; last: number }>();
  for (const time of rows.flatMap(({ t }) => t)) {
    const { first, last } = seconds.get(secondOf(time)) ?? { first: time, last: time };
    seconds.set(secondOf(time), { first: Math.min(first, time), last: Math.max(last, time) });
  }
  return seconds;
}

/**
 * The stretches of time there are rows of, oldest first.
 *
 * @param interval seconds from one row to the next
 */
export function stretchesOf(rows: readonly HistoryRow[], interval: number): Range[] {
  const stretches: { from: number; to: number }[] = [];
  const seconds = [...secondsIn(rows).values()].sort((a, b) => a.first - b.first);
  for (const { first, last } of seconds) {
    const stretch = stretches.at(-1);
    const [from, to] = [first / US_PER_SECOND, last / US_PER_SECOND];
    if (stretch !== undefined && from - stretch.to <= patience(interval)) stretch.to = to;
    else stretches.push({ from, to });
  }
  return stretches;
}

/** Whether a range is one stretch, or nearly: at its ends something may just be missing. */
export function isWhole([first, ...more]: readonly Range[], { from, to }: Range, interval: number): boolean {
  const longest = patience(interval);
  return first !== undefined && more.length === 0 && first.from - from <= longest && to - first.to <= longest;
}

/** A pause that is no end of a stretch: rollups of seconds would tell nothing of it. */
function patience(interval: number): number {
  return Math.max(2, interval * GAP_FACTOR);
}

/**
 * Raw rows, and where there are none what the rollup of each second says, as often as there would be raw rows: it is
 * drawn as a step, and stands beside the others in its true width.
 *
 * @param rollups answers of one bucket a second
 */
export function filled(rows: readonly HistoryRow[], rollups: readonly HistoryRow[]): HistoryRow[] {
  const times = [...new Set(rows.flatMap(({ t }) => t))].sort((a, b) => a - b);
  const perSecond = Math.max(1, Math.round(US_PER_SECOND / Math.max(typicalDistance(times), 1)));
  const step = US_PER_SECOND / perSecond;
  const known = secondsIn(rows);
  const rolled = secondsIn(rollups);
  const isGone = (second: number): boolean => rolled.has(second) && !known.has(second);
  /** Whether a moment is before the first or behind the last row of a stretch, not in a pause within one. */
  const isMissing = (time: number, second: number): boolean => {
    const { first, last } = known.get(second) ?? {};
    if (first === undefined || last === undefined) return true;
    return (time < first - step / 2 && isGone(second - 1)) || (time > last + step / 2 && isGone(second + 1));
  };
  const steps = new Map<number, number[]>();
  for (const second of rolled.keys()) {
    const places = Array.from({ length: perSecond }, (_, i) =>
      Math.round(second * US_PER_SECOND + (i + 0.5) * step),
    );
    steps.set(
      second,
      places.filter((time) => isMissing(time, second)),
    );
  }
  const nameOf = ({ source, label }: HistoryRow): string => JSON.stringify([source, label]);
  const rest = new Map(rollups.map((rollup) => [nameOf(rollup), inSteps(rollup, steps)]));
  const result = rows.map((row) => {
    const more = rest.get(nameOf(row));
    rest.delete(nameOf(row));
    if (more === undefined) return row;
    return {
      ...row,
      t: [...row.t, ...more.t],
      v: row.v.map((values, i) => [...values, ...(more.v[i] ?? [])]),
    };
  });
  return [...result, ...[...rest.values()].filter(({ t }) => t.length > 0)];
}

/** The rollup of each second at several moments of it. */
function inSteps(
  { source, label, t, v }: HistoryRow,
  steps: ReadonlyMap<number, readonly number[]>,
): HistoryRow {
  const moments = t.map((time) => steps.get(secondOf(time)) ?? []);
  return {
    source,
    label,
    t: moments.flat(),
    v: v.map((values) => moments.flatMap((places, i) => places.map(() => values[i] ?? null))),
  };
}

/** The answers about all tables laid over one time axis, with nulls where there is no row. */
export function alignRows(
  rows: readonly HistoryRow[],
  sources: readonly Source[],
  resolution: Resolution,
): Buckets {
  const moments = new Set<number>();
  for (const { t } of rows) for (const time of t) moments.add(time);
  if (moments.size === 0) return NO_BUCKETS;
  const sorted = [...moments].sort((a, b) => a - b);
  const stepUs = Math.max(resolution.width * 1e6, typicalDistance(sorted));
  const paceUs = paceOf(rows, sources);
  const times: number[] = [];
  const indexOf = new Map<number, number>();
  let previous = sorted[0]!;
  for (const time of sorted) {
    if (time - previous > Math.max(stepUs, paceUs.get(time) ?? 0) * GAP_FACTOR)
      times.push((previous + time) / 2e6);
    indexOf.set(time, times.length);
    times.push(time / 1e6);
    previous = time;
  }
  const bands = new Map<MetricKey, Band>();
  for (const row of rows) {
    const source = sources.find(({ table }) => table === row.source);
    const [table = ''] = row.source.split('/');
    const at = row.t.map((time) => indexOf.get(time)!);
    for (const [index, column] of (source?.columns ?? []).entries()) {
      const band = emptyBand();
      for (const [side, values] of [band.min, band.avg, band.max].entries()) {
        for (let i = 0; i < times.length; i++) values.push(null);
        const given = row.v[index * 3 + side] ?? [];
        for (const [i, target] of at.entries()) values[target] = given[i] ?? null;
      }
      bands.set(metricKey(table, column, row.label), band);
    }
  }
  return { times, width: stepUs / 1e6, bands };
}

/** How far apart samples were at each time, in microseconds: the longest interval of its bucket. */
function paceOf(rows: readonly HistoryRow[], sources: readonly Source[]): Map<number, number> {
  const row = rows.find(({ source }) => source === 'sampling');
  const column = sources.find(({ table }) => table === 'sampling')?.columns.indexOf('interval_ms') ?? -1;
  const longest = column === -1 ? undefined : row?.v[column * 3 + 2];
  return new Map(row?.t.map((time, index) => [time, (longest?.[index] ?? 0) * 1000]));
}

/** The median distance between neighbours. */
function typicalDistance(sorted: readonly number[]): number {
  const distances = sorted.slice(1).map((time, index) => time - sorted[index]!);
  distances.sort((a, b) => a - b);
  return distances[(distances.length - 1) >> 1] ?? 0;
}

/** The part of the buckets before a moment. */
export function before({ times, width, bands }: Buckets, moment: number): Buckets {
  const end = times.findIndex((time) => time >= moment);
  if (end === -1) return { times, width, bands };
  const cut = (values: Values): Values => values.slice(0, end);
  return {
    times: times.slice(0, end),
    width,
    bands: new Map(
      [...bands].map(([key, { min, avg, max }]) => [key, { min: cut(min), avg: cut(avg), max: cut(max) }]),
    ),
  };
}

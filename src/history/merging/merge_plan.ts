import { type IncidentWindow, windowsWithin } from '../segments/incident_windows.ts';
import type { Segment } from '../segments/manifest.ts';
import { worthOf } from '../segments/retention.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { TABLE_OF_ROLLUP } from '../tables/rollup.ts';
import type { MergeTask } from './messages.ts';

/** What is merged in one go. */
export interface MergePlan extends Pick<MergeTask, 'inputs' | 'hour' | 'windows'> {
  /** The beginning of the names of the new files. */
  readonly stem: string;
}

/** Files that are kept no longer, but for what of them lies in windows. */
export interface ToCut {
  readonly files: ReadonlySet<string>;
  readonly windows: readonly IncidentWindow[];
}

type Spans = Pick<HistorySettings, 'hourMs' | 'dayMs'>;

/** What was cut out and is smaller than this is put together by the day; more would take long, to no purpose. */
const SMALL_BYTES = 16 * 1024 * 1024;

/** The hours that are over and have minutes in them, with all that was made of the same tables before. */
export function hoursToMerge(segments: readonly Segment[], nowMs: number, { hourMs }: Spans): MergePlan[] {
  const plans: MergePlan[] = [];
  const days = segments.filter(({ level }) => level === 'day');
  for (const [fromMs, within] of bySpan(segments, hourMs, nowMs)) {
    const tables = new Set(within.filter(({ level }) => level === 'minute').map(({ table }) => table));
    if (tables.size === 0) continue;
    const toMs = fromMs + hourMs;
    const around = days.filter((day) => day.fromMs < toMs && fromMs <= day.toMs);
    const inputs = [...within, ...around].filter(({ table }) =>
      tables.has(TABLE_OF_ROLLUP.get(table) ?? table),
    );
    plans.push({ stem: `h-${fromMs}`, inputs, hour: { fromMs, toMs } });
  }
  return plans;
}

/** The days that are over and whose rollups are still in hours, once none of their minutes waits to be merged. */
export function daysToMerge(segments: readonly Segment[], nowMs: number, { dayMs }: Spans): MergePlan[] {
  const plans: MergePlan[] = [];
  const days = segments.filter(({ level }) => level === 'day');
  for (const [fromMs, within] of bySpan(segments, dayMs, nowMs)) {
    if (within.some(({ level }) => level === 'minute')) continue;
    const hours = within.filter(({ table }) => TABLE_OF_ROLLUP.has(table));
    if (hours.length === 0) continue;
    // An hour recorded long after its day was merged.
    const tables = new Set(hours.map(({ table }) => table));
    const before = days.filter(
      (day) => tables.has(day.table) && fromMs <= day.fromMs && day.fromMs < fromMs + dayMs,
    );
    plans.push({ stem: `d-${fromMs}`, inputs: [...before, ...hours] });
  }
  return plans;
}

/** What there is to cut, hour by hour. */
export function hoursToCut(
  segments: readonly Segment[],
  { files, windows }: ToCut,
  { hourMs }: Spans,
): MergePlan[] {
  const hours = grouped(
    segments.filter(({ file }) => files.has(file)),
    ({ fromMs }) => Math.floor(fromMs / hourMs) * hourMs,
  );
  return [...hours].map(([hourMs, inputs]) => {
    const fromMs = Math.min(...inputs.map((segment) => segment.fromMs));
    const toMs = Math.max(...inputs.map((segment) => segment.toMs));
    return { stem: `i-${hourMs}`, inputs, windows: windowsWithin(windows, { fromMs, toMs }) };
  });
}

/** The days of which everything was cut out that ever will be, in many small files. */
export function cutDaysToMerge(segments: readonly Segment[], nowMs: number, { dayMs }: Spans): MergePlan[] {
  const dayOf = ({ fromMs }: Segment): number => Math.floor(fromMs / dayMs) * dayMs;
  const uncut = new Set(segments.filter((segment) => worthOf(segment) === 'raw').map(dayOf));
  const small = segments.filter(({ level, bytes }) => level === 'incident' && bytes < SMALL_BYTES);
  const plans: MergePlan[] = [];
  for (const [fromMs, within] of grouped(small, dayOf)) {
    if (fromMs + dayMs > nowMs || uncut.has(fromMs)) continue;
    const several = [...grouped(within, ({ table }) => table).values()].filter(({ length }) => length > 1);
    if (several.length > 0) plans.push({ stem: `i-${fromMs}`, inputs: several.flat(), windows: [] });
  }
  return plans;
}

function grouped<Key>(segments: readonly Segment[], keyOf: (segment: Segment) => Key): Map<Key, Segment[]> {
  const groups = new Map<Key, Segment[]>();
  for (const segment of segments) {
    const key = keyOf(segment);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [segment]);
    else group.push(segment);
  }
  return groups;
}

/** Minutes and hours by the span they began in, as far as it is over. */
function bySpan(segments: readonly Segment[], spanMs: number, nowMs: number): Map<number, Segment[]> {
  const spans = grouped(
    segments.filter(({ level }) => level === 'minute' || level === 'hour'),
    ({ fromMs }) => Math.floor(fromMs / spanMs) * spanMs,
  );
  for (const fromMs of spans.keys()) if (fromMs + spanMs > nowMs) spans.delete(fromMs);
  return spans;
}

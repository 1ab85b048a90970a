import type { Segment } from '../segments/manifest.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { TABLE_OF_ROLLUP } from '../tables/rollup.ts';
import type { MergeTask } from './messages.ts';

/** What is merged in one go. */
export interface MergePlan extends Pick<MergeTask, 'inputs' | 'hour'> {
  /** The beginning of the names of the new files. */
  readonly stem: string;
}

type Spans = Pick<HistorySettings, 'hourMs' | 'dayMs'>;

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

/** Minutes and hours by the span they began in, as far as it is over. */
function bySpan(segments: readonly Segment[], spanMs: number, nowMs: number): Map<number, Segment[]> {
  const spans = new Map<number, Segment[]>();
  for (const segment of segments) {
    if (segment.level === 'day') continue;
    const fromMs = Math.floor(segment.fromMs / spanMs) * spanMs;
    if (fromMs + spanMs > nowMs) continue;
    const within = spans.get(fromMs);
    if (within === undefined) spans.set(fromMs, [segment]);
    else within.push(segment);
  }
  return spans;
}

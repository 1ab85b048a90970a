import type { Segment } from '../segments/manifest.ts';
import type { Period } from '../segments/outbox.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { TABLE_OF_ROLLUP } from '../tables/rollup.ts';

/** What is handed over in one go. */
export interface HandOver extends Period {
  readonly inputs: readonly Segment[];
}

type Spans = Pick<HistorySettings, 'outbox' | 'hourMs'>;

/** What was cut out of hours around incidents is history's own: all of its hour has gone, or had to go. */
const isRaw = ({ table, level }: Segment): boolean => !TABLE_OF_ROLLUP.has(table) && level !== 'incident';

/**
 * The periods that are over and hold raw rows that were not handed over yet, oldest first. What hours are handed over
 * of waits until they are merged, so that a file is taken as it is; only what comes late, when the rest of its hour
 * has gone, goes by itself. A segment longer than a period, from before periods were that short, is one of its own.
 *
 * @param awaitedMs when journals began that are in no segment yet
 */
export function periodsToHandOver(
  segments: readonly Segment[],
  awaitedMs: readonly number[],
  nowMs: number,
  { outbox, hourMs }: Spans,
): HandOver[] {
  if (outbox === undefined) return [];
  const { periodMs } = outbox;
  const raw = segments.filter(isRaw);
  const hourOf = ({ table, fromMs }: Segment): string => `${table} ${Math.floor(fromMs / hourMs)}`;
  const gone = new Set(raw.filter(({ handedOver }) => handedOver).map(hourOf));
  const isToBeMerged = (segment: Segment): boolean =>
    periodMs >= hourMs && segment.level === 'minute' && !gone.has(hourOf(segment));
  const periods = new Map<string, Period & { inputs: Segment[] }>();
  for (const segment of raw) {
    if (segment.handedOver) continue;
    const fromMs = Math.floor(segment.fromMs / periodMs) * periodMs;
    const toMs = (Math.floor(segment.toMs / periodMs) + 1) * periodMs;
    const key = `${fromMs} ${toMs}`;
    const period = periods.get(key);
    if (period === undefined) periods.set(key, { fromMs, toMs, inputs: [segment] });
    else period.inputs.push(segment);
  }
  return [...periods.values()]
    .filter(
      ({ fromMs, toMs, inputs }) =>
        toMs <= nowMs &&
        !inputs.some(isToBeMerged) &&
        !awaitedMs.some((startMs) => startMs >= fromMs && startMs < toMs),
    )
    .sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
}

/** Whether the rows of a segment nothing is known of are with somebody else: no hour is merged before shorter periods are. */
export function wasHandedOver(segment: Segment, { outbox, hourMs }: Spans): boolean {
  return outbox !== undefined && outbox.periodMs < hourMs && segment.level === 'hour' && isRaw(segment);
}

/** Whether segments must not become one yet: what was handed over and what was not would be told apart no more. */
export function areHeld(inputs: readonly Segment[], { outbox, hourMs }: Spans): boolean {
  if (outbox === undefined) return false;
  const waiting = inputs.filter((segment) => isRaw(segment) && !segment.handedOver);
  if (outbox.periodMs < hourMs) return waiting.length > 0;
  const tables = new Set(waiting.map(({ table }) => table));
  return inputs.some(({ table, handedOver }) => handedOver && tables.has(table));
}

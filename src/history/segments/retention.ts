import { TABLES } from '../tables/schema.ts';
import { type IncidentWindow, windowsWithin } from './incident_windows.ts';
import type { Manifest, OutboxFile, Segment } from './manifest.ts';
import type { HistorySettings } from './settings.ts';

const RAW: ReadonlySet<string> = new Set(TABLES.map(({ name }) => name));

type Limits = Pick<
  HistorySettings,
  'retentionMs' | 'incidentRetentionMs' | 'rollupRetentionMs' | 'retentionBytes' | 'outbox'
>;

/** What is kept no longer, by file. */
export interface Expiry {
  readonly gone: ReadonlySet<string>;
  /** Raw rows that go as well, once what lies in windows of incidents has been cut out of them. */
  readonly toCut: ReadonlySet<string>;
}

/** What incidents have to do with what is kept. */
export interface Incidents {
  /** Apart from one another, in the order of time. */
  readonly windows: readonly IncidentWindow[];
  /** Files of which nothing could be cut out: with them the room is not waited for. */
  readonly uncut: ReadonlySet<string>;
}

/** What a file is, in the order in which files go where there is too little room. */
const WORTH = { raw: 0, incident: 1, rollup: 2 } as const;
export type Worth = keyof typeof WORTH;

export function worthOf({ table, level }: Pick<Segment, 'table' | 'level'>): Worth {
  if (!RAW.has(table)) return 'rollup';
  return level === 'incident' ? 'incident' : 'raw';
}

/**
 * The files that are kept no longer: by age, and by the room all take together, raw rows first, then those around
 * incidents, then rollups, the oldest of each first. Raw rows that are to be handed over wait for that however old
 * they are; for want of room they go, too, behind those that are elsewhere by then.
 *
 * @param outbox what waits to be taken away
 */
export function expired(
  segments: readonly Segment[],
  limits: Limits,
  { windows, uncut }: Incidents,
  nowMs: number,
  outbox: readonly OutboxFile[] = [],
): Expiry {
  const gone = new Set<string>();
  const toCut = new Set<string>();
  const keptMs = {
    raw: limits.retentionMs,
    incident: limits.incidentRetentionMs,
    rollup: limits.rollupRetentionMs,
  };
  const leave = (segment: Segment): void => {
    const isCut = worthOf(segment) === 'raw' && windowsWithin(windows, segment).length > 0;
    (isCut ? toCut : gone).add(segment.file);
  };
  const merged = segments.filter(({ level }) => level === 'hour' || level === 'day');
  for (const segment of segments) {
    const { level, fromMs, toMs } = segment;
    if (nowMs - toMs <= keptMs[worthOf(segment)] || isHeld(segment, limits)) continue;
    // A minute waits until its rollups are made, unless its hour was merged without it: a late one must not
    // replace the rollups of an hour whose raw rows are gone.
    const waits = level === 'minute' && !merged.some((hour) => hour.fromMs <= fromMs && fromMs <= hour.toMs);
    if (!waits) leave(segment);
  }
  // What is to be cut out is little, and will be counted when it is there.
  const kept = segments.filter(({ file }) => !gone.has(file) && (!toCut.has(file) || uncut.has(file)));
  let bytes = bytesOnDisk({ segments: kept, outbox });
  if (bytes <= limits.retentionBytes) return { gone, toCut };
  const otherNames = new Map(outbox.map(({ segment, file }) => [segment, file]));
  const isAwaited = (file: Segment): boolean => isHeld(file, limits) || otherNames.has(file.file);
  // Half a step behind what is of the same worth and elsewhere as well.
  const places = new Map<Segment | OutboxFile, number>([
    ...kept.map((segment) => [segment, WORTH[worthOf(segment)] + (isAwaited(segment) ? 0.5 : 0)] as const),
    ...outsideOf(kept, outbox).map((file) => [file, WORTH.raw + 0.5] as const),
  ]);
  const first = [...places].sort(([a, placeA], [b, placeB]) => placeA - placeB || a.toMs - b.toMs);
  for (const [file] of first) {
    if (bytes <= limits.retentionBytes) break;
    bytes -= file.bytes;
    if (!('level' in file)) gone.add(file.file);
    else if (uncut.has(file.file)) {
      toCut.delete(file.file);
      gone.add(file.file);
    } else leave(file);
    const otherName = otherNames.get(file.file);
    if (otherName !== undefined) gone.add(otherName);
  }
  return { gone, toCut };
}

/** Whether raw rows are still to be handed over. */
export function isHeld(segment: Segment, { outbox }: Pick<HistorySettings, 'outbox'>): boolean {
  return outbox !== undefined && worthOf(segment) === 'raw' && !segment.handedOver;
}

/** What files take: one that has two names takes it once. */
export function bytesOnDisk({ segments, outbox }: Pick<Manifest, 'segments' | 'outbox'>): number {
  return [...segments, ...outsideOf(segments, outbox)].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What waits to be taken away and is none of these segments. */
function outsideOf(segments: readonly Segment[], outbox: readonly OutboxFile[]): OutboxFile[] {
  if (outbox.length === 0) return [];
  const files = new Set(segments.map(({ file }) => file));
  return outbox.filter(({ segment }) => segment === undefined || !files.has(segment));
}

import { TABLES } from '../tables/schema.ts';
import { type IncidentWindow, windowsWithin } from './incident_windows.ts';
import type { Segment } from './manifest.ts';
import type { HistorySettings } from './settings.ts';

const RAW: ReadonlySet<string> = new Set(TABLES.map(({ name }) => name));

type Limits = Pick<
  HistorySettings,
  'retentionMs' | 'incidentRetentionMs' | 'rollupRetentionMs' | 'retentionBytes'
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
 * incidents, then rollups, the oldest of each first.
 */
export function expired(
  segments: readonly Segment[],
  limits: Limits,
  { windows, uncut }: Incidents,
  nowMs: number,
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
    if (nowMs - toMs <= keptMs[worthOf(segment)]) continue;
    // A minute waits until its rollups are made, unless its hour was merged without it: a late one must not
    // replace the rollups of an hour whose raw rows are gone.
    const waits = level === 'minute' && !merged.some((hour) => hour.fromMs <= fromMs && fromMs <= hour.toMs);
    if (!waits) leave(segment);
  }
  // What is to be cut out is little, and will be counted when it is there.
  const kept = segments.filter(({ file }) => !gone.has(file) && (!toCut.has(file) || uncut.has(file)));
  let bytes = kept.reduce((sum, segment) => sum + segment.bytes, 0);
  if (bytes <= limits.retentionBytes) return { gone, toCut };
  const first = kept.sort((a, b) => WORTH[worthOf(a)] - WORTH[worthOf(b)] || a.toMs - b.toMs);
  for (const segment of first) {
    if (bytes <= limits.retentionBytes) break;
    bytes -= segment.bytes;
    if (uncut.has(segment.file)) {
      toCut.delete(segment.file);
      gone.add(segment.file);
    } else leave(segment);
  }
  return { gone, toCut };
}

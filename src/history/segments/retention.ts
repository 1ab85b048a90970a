import { TABLES } from '../tables/schema.ts';
import type { Segment } from './manifest.ts';
import type { HistorySettings } from './settings.ts';

const RAW: ReadonlySet<string> = new Set(TABLES.map(({ name }) => name));

/** The files that are kept no longer: by age, and by the room all take together, oldest raw rows first. */
export function expired(
  segments: readonly Segment[],
  limits: Pick<HistorySettings, 'retentionMs' | 'rollupRetentionMs' | 'retentionBytes'>,
  nowMs: number,
): Set<string> {
  const files = new Set<string>();
  const merged = segments.filter(({ level }) => level !== 'minute');
  for (const { table, file, level, fromMs, toMs } of segments) {
    const keptMs = RAW.has(table) ? limits.retentionMs : limits.rollupRetentionMs;
    if (nowMs - toMs <= keptMs) continue;
    // A minute waits until its rollups are made, unless its hour was merged without it: a late one must not
    // replace the rollups of an hour whose raw rows are gone.
    const waits = level === 'minute' && !merged.some((hour) => hour.fromMs <= fromMs && fromMs <= hour.toMs);
    if (!waits) files.add(file);
  }
  const kept = segments.filter(({ file }) => !files.has(file));
  let bytes = kept.reduce((sum, segment) => sum + segment.bytes, 0);
  if (bytes <= limits.retentionBytes) return files;
  const oldestFirst = kept.sort(
    (a, b) => Number(RAW.has(b.table)) - Number(RAW.has(a.table)) || a.toMs - b.toMs,
  );
  for (const segment of oldestFirst) {
    if (bytes <= limits.retentionBytes) break;
    files.add(segment.file);
    bytes -= segment.bytes;
  }
  return files;
}

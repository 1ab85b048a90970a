import type { IncidentWindow } from '../segments/incident_windows.ts';
import type { Segment } from '../segments/manifest.ts';
import { tableScan } from '../segments/segment_scan.ts';
import { literal, type Table } from '../tables/schema.ts';

/** SQL that selects the rows of a table that lie in windows, and all of those that were cut out before. */
export function windowScan(
  dataDir: string,
  segments: readonly Segment[],
  table: Table,
  windows: readonly IncidentWindow[],
): string {
  const rows = tableScan(dataDir, segments, table);
  const isCutOut = segments.every(({ level }) => level === 'incident');
  return isCutOut ? rows : `SELECT * FROM (${rows}) WHERE ${isIn(windows)}`;
}

/** Whether all of a segment lies in a window. */
export function isWithin(segment: Segment, windows: readonly IncidentWindow[]): boolean {
  return windows.some(({ fromMs, toMs }) => fromMs <= segment.fromMs && segment.toMs <= toMs);
}

/** The outermost times are named by themselves: what lies before and behind them need not be read. */
function isIn(windows: readonly IncidentWindow[]): string {
  const [first, last] = [windows[0], windows.at(-1)];
  if (first === undefined || last === undefined) return 'false';
  const within = ({ fromMs, toMs }: IncidentWindow): string =>
    `("timestamp" >= ${timestamp(fromMs)} AND "timestamp" < ${timestamp(toMs + 1)})`;
  const outermost = within({ fromMs: first.fromMs, toMs: last.toMs });
  return windows.length === 1 ? outermost : `${outermost} AND (${windows.map(within).join(' OR ')})`;
}

function timestamp(unixMs: number): string {
  return `TIMESTAMPTZ ${literal(new Date(unixMs).toISOString())}`;
}

import { AROUND_INCIDENT_MS } from '../../model/incidents/incident.ts';

/** Time around incidents in which raw rows are worth more than elsewhere, in Unix milliseconds, both ends included. */
export interface IncidentWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Windows in the order of time, those that touch made one. */
export function joined(windows: Iterable<IncidentWindow>): IncidentWindow[] {
  const result: IncidentWindow[] = [];
  for (const window of [...windows].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (last === undefined || window.fromMs > last.toMs) result.push(window);
    else if (window.toMs > last.toMs) result[result.length - 1] = { fromMs: last.fromMs, toMs: window.toMs };
  }
  return result;
}

/** Those of some joined windows that have something of a stretch of time in them. */
export function windowsWithin(
  windows: readonly IncidentWindow[],
  { fromMs, toMs }: IncidentWindow,
): readonly IncidentWindow[] {
  const first = firstEndingAt(windows, fromMs);
  let end = first;
  while ((windows[end]?.fromMs ?? Number.POSITIVE_INFINITY) <= toMs) end++;
  return windows.slice(first, end);
}

/** The place of the first that ends at a moment or later. There may be tens of thousands. */
function firstEndingAt(windows: readonly IncidentWindow[], ms: number): number {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((windows[middle]?.toMs ?? ms) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When an incident began and ended; `endedMs` is absent where nobody wrote down an end. */
export interface Incident {
  readonly beganMs: number;
  readonly endedMs?: number;
}

/**
 * The incidents in the lines of a file: of several with the same id the last counts. What is no incident is passed
 * over: the last line may have been cut short by a kill.
 */
export function incidentsIn(text: string): Incident[] {
  const byId = new Map<string, Incident>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      continue;
    }
    if (typeof value !== 'object' || value === null || !('id' in value) || !('began' in value)) continue;
    if (typeof value.id !== 'string' && typeof value.id !== 'number') continue;
    const beganMs = timeOf(value.began);
    const ended = 'ended' in value ? value.ended : null;
    const endedMs = ended === null ? undefined : timeOf(ended);
    if (beganMs === undefined || (endedMs === undefined && ended !== null)) continue;
    byId.set(String(value.id), endedMs === undefined ? { beganMs } : { beganMs, endedMs });
  }
  return [...byId.values()];
}

function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * The window of an incident. One without an end lasts until now; if it began before this process, which did not see
 * it end either, until this process began.
 */
export function windowOf({ beganMs, endedMs }: Incident, startedMs: number, nowMs: number): IncidentWindow {
  const lastMs = endedMs ?? (beganMs < startedMs ? startedMs : nowMs);
  // The clock may have been set back meanwhile.
  return {
    fromMs: Math.min(beganMs, lastMs) - AROUND_INCIDENT_MS,
    toMs: Math.max(beganMs, lastMs) + AROUND_INCIDENT_MS,
  };
}

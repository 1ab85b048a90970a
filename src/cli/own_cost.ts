import { baseUrl } from '../client/endpoint.ts';
import type { HostFinding } from '../shared/host_finding.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { formatDurationMs } from '../shared/units.ts';

const PATIENCE_MS = 1_000;
const BYTES_PER_MB = 1_000_000;

/** What the server that runs here costs and how punctual it is, in words. */
export async function ownCost(url: string, token: string | undefined): Promise<HostFinding> {
  const subject = 'own cost';
  const base = baseUrl(url);
  const snapshot = await latestSnapshot(base, token);
  if (snapshot === undefined) {
    const detail = `no server answers at ${base.origin}; "hzstat bench" tells what one would cost here`;
    return { subject, state: 'ok', detail };
  }
  const detail = describe(snapshot);
  const { budget, interval_ms, missed_ticks } = snapshot.sampling;
  if (budget !== undefined && interval_ms > budget.asked_interval_ms) {
    const remedy = 'raise --budget, or ask for fewer collectors or a longer --interval';
    return { subject, state: 'limited', detail: `${detail}; ${budget.message ?? 'slowed down'}`, remedy };
  }
  if (missed_ticks > snapshot.sequence / 100) {
    const remedy = 'the machine is too busy for this rate: a longer --interval misses less';
    return { subject, state: 'limited', detail, remedy };
  }
  return { subject, state: 'ok', detail };
}

async function latestSnapshot(base: URL, token: string | undefined): Promise<Snapshot | undefined> {
  try {
    const response = await fetch(new URL('snapshot', base), {
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    return response.ok ? ((await response.json()) as Snapshot) : undefined;
  } catch {
    return undefined;
  }
}

/** `1.9 % of a core and 120 MB at an interval of 100ms; …` */
export function describe({ sequence, sampling }: Snapshot): string {
  const { cpu_percent, memory_bytes, interval_ms, lateness_ms, missed_ticks } = sampling;
  const cpu = cpu_percent === undefined ? 'not yet measured CPU' : `${cpu_percent.toFixed(1)} % of a core`;
  const memory = `${Math.round(memory_bytes / BYTES_PER_MB)} MB`;
  const missed = `${missed_ticks} of ${sequence + 1 + missed_ticks} ticks missed`;
  return `${cpu} and ${memory} at an interval of ${formatDurationMs(interval_ms)}; ${missed}, the latest sample ${lateness_ms.toFixed(1)} ms late`;
}

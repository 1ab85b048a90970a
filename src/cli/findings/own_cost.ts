import { errorCode, errorMessage, HzstatError } from '../../base/errors.ts';
import type { HostFinding } from '../../base/host_finding.ts';
import { formatDurationMs } from '../../base/units.ts';
import type { ConnectOptions } from '../../client/client.ts';
import { HzstatClient } from '../../client/client.ts';
import { baseUrl, DEFAULT_URL } from '../../client/endpoint.ts';
import type { Snapshot } from '../../model/snapshot.ts';

const PATIENCE_MS = 3_000;
const BYTES_PER_MB = 1_000_000;

/**
 * What a running server costs and how punctual it is, in words. One that was named must answer; that none runs here
 * is no fault.
 *
 * @param url the server that was named, if one was
 */
export async function ownCost(
  url: string | undefined,
  access: Pick<ConnectOptions, 'token' | 'tls'>,
): Promise<HostFinding> {
  const subject = 'own cost';
  const base = baseUrl(url ?? DEFAULT_URL);
  let snapshot: Snapshot;
  try {
    snapshot = await latestSnapshot(base, access);
  } catch (error) {
    const isAbsent = errorCode(error, 'INTERNAL') === 'SERVER_UNREACHABLE';
    if (url === undefined && isAbsent) {
      const detail = `unknown, as no server runs here; "hzstat bench" tells what one would cost`;
      return { subject, state: 'limited', detail };
    }
    return { subject, state: 'missing', detail: errorMessage(error) };
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

/** One snapshot of the stream, which every client flag is good for. @throws HzstatError as the client does */
async function latestSnapshot(base: URL, access: Pick<ConnectOptions, 'token' | 'tls'>): Promise<Snapshot> {
  const client = await HzstatClient.connect({ url: base.href, reconnect: false, ...access });
  const impatience = setTimeout(() => client.close(), PATIENCE_MS);
  try {
    for await (const snapshot of client) return snapshot;
  } finally {
    clearTimeout(impatience);
    client.close();
  }
  throw new HzstatError(
    'NO_SNAPSHOT_YET',
    `${base.origin} answers, and has sent no snapshot within ${formatDurationMs(PATIENCE_MS)}`,
  );
}

/** `1.9 % of a core and 120 MB at an interval of 100ms; …` */
export function describe({ sequence, sampling }: Snapshot): string {
  const { cpu_percent, memory_bytes, interval_ms, lateness_ms, missed_ticks } = sampling;
  const cpu = cpu_percent === undefined ? 'not yet measured CPU' : `${cpu_percent.toFixed(1)} % of a core`;
  const memory = `${Math.round(memory_bytes / BYTES_PER_MB)} MB`;
  const missed = `${missed_ticks} of ${sequence + 1 + missed_ticks} ticks missed`;
  return `${cpu} and ${memory} at an interval of ${formatDurationMs(interval_ms)}; ${missed}, the latest sample ${lateness_ms.toFixed(1)} ms late`;
}

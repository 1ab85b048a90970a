import type { HostFinding } from '../../base/host_finding.ts';
import { ask, isRecord } from '../../client/ask.ts';
import { baseUrl, DEFAULT_URL } from '../../client/endpoint.ts';
import type { RequestAccess } from '../../client/request.ts';
import { defaultWatches } from '../../incidents/watches/default_watches.ts';
import { watchStatuses } from '../../incidents/watches/watch_list.ts';
import { DEFAULT_COLLECTORS } from '../../model/collectors.ts';

const DEFAULT_INTERVAL_MS = 100;

/** A watch as far as it is told here. */
interface Told {
  readonly name: string;
  readonly needs?: string;
}

/**
 * What a running server watches for and what it cannot, or what one would by default.
 *
 * @param url the server that was named, if one was
 */
export async function watchesFinding(url: string | undefined, access: RequestAccess): Promise<HostFinding> {
  const subject = 'watches';
  const running = await watchesOf(baseUrl(url ?? DEFAULT_URL), access);
  if (running?.length === 0)
    return { subject, state: 'limited', detail: 'nothing is watched (--no-watches)' };
  const watches: readonly Told[] =
    running ?? watchStatuses(defaultWatches(DEFAULT_INTERVAL_MS), new Set(DEFAULT_COLLECTORS));
  const inactive = watches.filter(({ needs }) => needs !== undefined);
  const active = watches.length - inactive.length;
  const detail = `${active} active${running === undefined ? ' by default' : ''}`;
  if (inactive.length === 0) return { subject, state: 'ok', detail };
  const flags = [...new Set(inactive.map(({ needs = '' }) => needs))].join(' or ');
  const names = inactive.map(({ name }) => name).join(', ');
  return { subject, state: 'ok', detail: `${detail}; inactive: ${names}`, remedy: `these take ${flags}` };
}

/** Undefined where no server answers. */
async function watchesOf(base: URL, access: RequestAccess): Promise<Told[] | undefined> {
  const health = await ask(base, 'health', { method: 'GET', headers: {} }, access).catch(() => undefined);
  if (!isRecord(health) || !Array.isArray(health.watches)) return undefined;
  return health.watches.flatMap((watch: unknown) => {
    if (!isRecord(watch) || typeof watch.name !== 'string') return [];
    return [{ name: watch.name, ...(typeof watch.needs === 'string' && { needs: watch.needs }) }];
  });
}

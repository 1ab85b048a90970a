import { ask, isRecord, noHzstat } from './ask.ts';
import type { RequestAccess } from './request.ts';

/** A collector of a server. */
export interface ServerCollector {
  readonly name: string;
  readonly enabled: boolean;
  /** As in `sampling` of the latest snapshot; `not_started` until it is switched on for the first time. */
  readonly state: string;
  /** Why it fails, when it does. */
  readonly message?: string;
}

/**
 * The collectors of a server, and those it can start.
 *
 * @throws HzstatError SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error
 */
export async function serverCollectors(base: URL, access: RequestAccess): Promise<ServerCollector[]> {
  const answer = await ask(base, 'collectors', { method: 'GET', headers: {} }, access);
  if (!isRecord(answer) || !Array.isArray(answer.collectors)) throw noHzstat(base);
  const { not_started: waiting } = answer;
  return [
    ...answer.collectors.map((collector) => collectorIn(collector, base)),
    ...(Array.isArray(waiting) ? waiting : []).map((name) => ({
      name: String(name),
      enabled: false,
      state: 'not_started',
    })),
  ];
}

/**
 * Switches a collector of a server, and starts one that has not been started.
 *
 * @throws HzstatError COLLECTOR_UNKNOWN, SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error
 */
export async function switchCollector(
  base: URL,
  name: string,
  enabled: boolean,
  access: RequestAccess,
): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ enabled });
  await ask(base, `collectors/${encodeURIComponent(name)}`, { method: 'PATCH', headers, body }, access);
}

function collectorIn(value: unknown, base: URL): ServerCollector {
  if (!isRecord(value) || typeof value.name !== 'string') throw noHzstat(base);
  const { name, enabled, state, message } = value;
  return {
    name,
    enabled: enabled === true,
    state: typeof state === 'string' ? state : 'warming_up',
    ...(typeof message === 'string' && { message }),
  };
}

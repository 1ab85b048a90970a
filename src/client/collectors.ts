import { HzstatError } from '../base/errors.ts';
import { type ClientRequest, type RequestAccess, send, textOf } from './request.ts';
import { serverError } from './server_error.ts';

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

async function ask(base: URL, path: string, request: ClientRequest, access: RequestAccess): Promise<unknown> {
  const { status, body } = await send(base, path, request, access);
  const text = await textOf(body);
  if (status !== 200) throw serverError(text, status);
  try {
    return JSON.parse(text);
  } catch {
    throw noHzstat(base);
  }
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function noHzstat(base: URL): HzstatError {
  return new HzstatError('SERVER_UNREACHABLE', `what answers at ${base.origin} is no hzstat`);
}

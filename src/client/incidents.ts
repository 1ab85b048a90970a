import type { Incident, IncidentReport, Mark } from '../model/incidents/incident.ts';
import { ask, isRecord, noHzstat } from './ask.ts';
import type { RequestAccess } from './request.ts';

const GET = { method: 'GET', headers: {} } as const;

/**
 * What happened at a server, the newest first.
 *
 * @param since how far back, such as `1h`, or a time (ISO 8601)
 * @throws HzstatError BAD_REQUEST, SERVER_UNREACHABLE, SERVER_UNTRUSTED, or the server's own error
 */
export async function serverIncidents(
  base: URL,
  since: string | undefined,
  access: RequestAccess,
): Promise<Incident[]> {
  const query = since === undefined ? '' : `?since=${encodeURIComponent(since)}`;
  const answer = await ask(base, `incidents${query}`, GET, access);
  if (!isRecord(answer) || !Array.isArray(answer.incidents)) throw noHzstat(base);
  return answer.incidents;
}

/** One incident with its evidence. @throws HzstatError NOT_FOUND, and as `serverIncidents` does */
export async function serverIncident(base: URL, id: string, access: RequestAccess): Promise<IncidentReport> {
  const answer = await ask(base, `incidents/${encodeURIComponent(id)}`, GET, access);
  if (!isIncidentReport(answer)) throw noHzstat(base);
  return answer;
}

/** Puts a note on the time axis of a server. @throws HzstatError BAD_REQUEST, HISTORY_DISABLED, SERVER_* */
export async function putMark(
  base: URL,
  mark: { text: string; timestamp?: string },
  access: RequestAccess,
): Promise<Mark> {
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(base, 'marks', { method: 'POST', headers, body: JSON.stringify(mark) }, access);
  if (!isMark(answer)) throw noHzstat(base);
  return answer;
}

function isIncidentReport(value: unknown): value is IncidentReport {
  return isRecord(value) && typeof value.id === 'string' && Array.isArray(value.processes);
}

function isMark(value: unknown): value is Mark {
  return isRecord(value) && typeof value.text === 'string' && typeof value.timestamp === 'string';
}

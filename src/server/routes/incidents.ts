import { HzstatError } from '../../base/errors.ts';
import { parseDurationMs } from '../../base/units.ts';
import type { IncidentSource } from '../source/source.ts';
import type { Router } from './router.ts';

/** What happened, and the evidence of each; nothing where nothing is watched. */
export function addIncidents(router: Router, incidents: IncidentSource | undefined): void {
  router.get('/incidents', (reply, { query }) => {
    const since = new URLSearchParams(query).get('since');
    const from = since === null ? undefined : sinceWhen(since);
    reply.json(200, { incidents: incidents?.list(from) ?? [] });
  });
  router.getNamed('/incidents/', (reply, id) => {
    const report = incidents?.find(id);
    if (report !== undefined) return reply.json(200, report);
    throw new HzstatError('NOT_FOUND', `there is no incident "${id}"; GET /incidents lists those there are`);
  });
}

/** @throws HzstatError BAD_REQUEST unless it is a duration back from now, or a time */
function sinceWhen(text: string): string {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  try {
    return new Date(Math.max(0, Date.now() - parseDurationMs(text))).toISOString();
  } catch (cause) {
    const message = `since ${text}: write a duration (1h) or a time (2026-01-02T03:04:05Z)`;
    throw new HzstatError('BAD_REQUEST', message, { cause });
  }
}

import { HzstatError } from '../../base/errors.ts';
import { sinceWhen } from '../../base/since.ts';
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

import { HzstatError } from '../shared/errors.ts';
import type { Snapshot } from '../shared/snapshot.ts';
import { healthOf } from './health.ts';
import type { Reply } from './http.ts';
import { EXPOSITION_CONTENT_TYPE } from './metrics/exposition.ts';
import { metricsText } from './metrics/metrics.ts';
import { processFacts } from './metrics/process_facts.ts';
import { addPage } from './page.ts';
import type { Router } from './router.ts';
import { collectorStatuses, type QueryFormat, type QueryService, type StreamSource } from './source.ts';

const MOST_BODY_BYTES = 16 * 1024;
const MOST_QUERY_BYTES = 64 * 1024;

const CONTENT_TYPES: Readonly<Record<QueryFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/** What the routes answer from. */
export interface RouteSources {
  readonly source: StreamSource;
  readonly version: string;
  /** Absent when nothing is recorded. */
  readonly history?: QueryService | undefined;
}

/** Every HTTP route but the stream's own. */
export function addRoutes(router: Router, { source, version, history }: RouteSources): void {
  router.get('/stream', () => {
    throw new HzstatError('UPGRADE_REQUIRED', 'this is a WebSocket: connect with ws:// or "hzstat stream"');
  });
  router.get('/snapshot', (reply) => reply.json(200, latestOf(source)));
  router.get('/metrics', (reply) => {
    const snapshot = latestOf(source);
    // Prometheus takes every answer for news.
    if (healthOf(source).status === 'stalled') {
      throw new HzstatError(
        'SAMPLING_STALLED',
        'sampling stands still; the latest snapshot is too old to tell',
      );
    }
    reply.send(200, EXPOSITION_CONTENT_TYPE, metricsText(snapshot, processFacts(version)));
  });
  router.get('/collectors', (reply) => reply.json(200, { collectors: collectorStatuses(source) }));
  router.get('/health', (reply) => {
    const health = healthOf(source);
    reply.json(health.status === 'ok' ? 200 : 503, {
      ...health,
      history: history?.status ?? { state: 'off' },
    });
  });
  router.patch(
    '/collectors/:name',
    (reply, request) => switchCollector(reply, source, request.getParameter(0)),
    'switch a collector with PATCH',
  );
  router.post(
    '/query',
    (reply, request) => {
      if (history !== undefined) return answerQuery(reply, history, formatOf(request.getHeader('accept')));
      throw new HzstatError(
        'HISTORY_DISABLED',
        'nothing is recorded here: hzstat was started with --no-history',
      );
    },
    'send the SQL as the body of a POST to /query',
  );
  addPage(router);
  router.otherwise((_, request) => {
    throw new HzstatError('NOT_FOUND', `there is nothing at ${request.getUrl()}`);
  });
}

function latestOf({ latest }: StreamSource): Snapshot {
  if (latest !== undefined) return latest;
  throw new HzstatError('NO_SNAPSHOT_YET', 'there is no snapshot yet; ask again in a moment');
}

async function switchCollector(reply: Reply, source: StreamSource, name: string): Promise<void> {
  const enabled = enabledIn(await reply.body(MOST_BODY_BYTES));
  source.setEnabled(name, enabled);
  reply.json(
    200,
    collectorStatuses(source).find((collector) => collector.name === name),
  );
}

async function answerQuery(reply: Reply, history: QueryService, format: QueryFormat): Promise<void> {
  const sql = await reply.body(MOST_QUERY_BYTES);
  reply.send(200, CONTENT_TYPES[format], await history.query(sql, format, reply.signal));
}

function formatOf(accept: string): QueryFormat {
  if (accept.includes('text/csv')) return 'csv';
  return accept.includes('parquet') ? 'parquet' : 'json';
}

/** @throws HzstatError BAD_REQUEST unless the body is `{"enabled": true}` or `{"enabled": false}` */
function enabledIn(body: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', 'the body is not JSON; send {"enabled": true} or false', { cause });
  }
  if (
    typeof value === 'object' &&
    value !== null &&
    'enabled' in value &&
    typeof value.enabled === 'boolean'
  ) {
    return value.enabled;
  }
  throw new HzstatError('BAD_REQUEST', 'send {"enabled": true} or {"enabled": false}');
}

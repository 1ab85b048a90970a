import { HzstatError } from '../../base/errors.ts';
import type { LakeStatus } from '../../base/lake_status.ts';
import { log } from '../../base/log.ts';
import { FIELDS } from '../../model/listing/fields.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { EngineName } from '../engine/engine.ts';
import type { Reply } from '../http/reply.ts';
import { EXPOSITION_CONTENT_TYPE } from '../metrics/exposition.ts';
import { metricsText } from '../metrics/metrics.ts';
import { processFacts } from '../metrics/process_facts.ts';
import {
  collectorStatuses,
  type ExportFormat,
  type IncidentSource,
  type MarkKeeper,
  type QueryService,
  type RemoteWriteStatus,
  type StreamSource,
} from '../source/source.ts';
import { healthOf } from './health.ts';
import { addIncidents } from './incidents.ts';
import { addMarks } from './marks.ts';
import { addPage } from './page.ts';
import type { Router } from './router.ts';

const MOST_BODY_BYTES = 16 * 1024;
const MOST_QUERY_BYTES = 64 * 1024;

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  ndjson: 'application/x-ndjson',
};

/** What the routes answer from. */
export interface RouteSources {
  readonly source: StreamSource;
  readonly version: string;
  /** Absent when nothing is recorded. */
  readonly history?: QueryService | undefined;
  /** Absent when nothing is watched. */
  readonly incidents?: IncidentSource | undefined;
  /** Absent when nothing is recorded. */
  readonly marks?: MarkKeeper | undefined;
  /** Absent when no lake is filled. */
  readonly lake?: { readonly status: LakeStatus } | undefined;
  /** Absent when nothing is sent to other engines. */
  readonly remoteWrite?: (() => readonly RemoteWriteStatus[]) | undefined;
}

/** Every HTTP route but the stream's own. */
export function addRoutes(
  router: Router,
  { source, version, history, incidents, marks, lake, remoteWrite }: RouteSources,
  engine: EngineName,
  isGuarded: boolean,
): void {
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
    const facts = { ...processFacts(version), incidents: incidents?.counts };
    reply.send(200, EXPOSITION_CONTENT_TYPE, metricsText(snapshot, facts, lake?.status));
  });
  router.get('/fields', (reply) => reply.json(200, FIELDS));
  router.get('/collectors', (reply) =>
    reply.json(200, { collectors: collectorStatuses(source), not_started: source.notStarted ?? [] }),
  );
  router.get('/health', (reply) => {
    const health = healthOf(source);
    const isFailing = history?.status.state === 'failing';
    reply.json(health.status === 'ok' ? 200 : 503, {
      ...health,
      // Snapshots come as they should, and are not all kept: what watches the service need not start it anew.
      ...(health.status === 'ok' && isFailing && { status: 'degraded' }),
      engine,
      node: process.versions.node,
      history: history?.status ?? { state: 'off' },
      incidents: incidents?.status ?? { state: 'off' },
      watches: incidents?.watches ?? [],
      ...(lake && { lake: lake.status }),
      ...(remoteWrite !== undefined && { remote_write: remoteWrite() }),
    });
  });
  router.patchNamed(
    '/collectors/',
    (reply, name) => switchCollector(reply, source, name),
    'switch a collector with PATCH',
  );
  router.post(
    '/query',
    (reply, head) => {
      if (history !== undefined) return answerQuery(reply, history, formatOf(head.header('accept')));
      throw new HzstatError(
        'HISTORY_DISABLED',
        'nothing is recorded here: hzstat was started with --no-history',
      );
    },
    'send the SQL as the body of a POST to /query',
  );
  addIncidents(router, incidents);
  addMarks(router, marks);
  addPage(router, isGuarded);
}

function latestOf({ latest }: StreamSource): Snapshot {
  if (latest !== undefined) return latest;
  throw new HzstatError('NO_SNAPSHOT_YET', 'there is no snapshot yet; ask again in a moment');
}

async function switchCollector(reply: Reply, source: StreamSource, name: string): Promise<void> {
  const enabled = enabledIn(await reply.body(MOST_BODY_BYTES));
  const wasEnabled = source.collectors.some((collector) => collector.name === name && collector.enabled);
  source.setEnabled(name, enabled);
  if (enabled !== wasEnabled) log.info(`switched ${enabled ? 'on' : 'off'}`, { subject: name });
  const status = collectorStatuses(source).find((collector) => collector.name === name);
  // Switched off before it was ever started.
  reply.json(200, status ?? { name, enabled: false });
}

async function answerQuery(
  reply: Reply,
  history: QueryService,
  format: ExportFormat | undefined,
): Promise<void> {
  const sql = await reply.body(MOST_QUERY_BYTES);
  if (format === undefined) reply.json(200, await history.query(sql, reply.signal));
  else await reply.stream(200, CONTENT_TYPES[format], history.export(sql, format, reply.signal));
}

/** The format a client wants everything in; none for JSON, which has a limit of rows. */
function formatOf(accept: string): ExportFormat | undefined {
  if (accept.includes('text/csv')) return 'csv';
  if (accept.includes('ndjson')) return 'ndjson';
  return accept.includes('parquet') ? 'parquet' : undefined;
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

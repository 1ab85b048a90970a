import { errorCode, HzstatError } from '../../base/errors.ts';
import { sinceWhen } from '../../base/since.ts';
import { formatDurationMs } from '../../base/units.ts';
import { baseUrl, DEFAULT_URL } from '../../client/endpoint.ts';
import { serverIncident, serverIncidents } from '../../client/incidents.ts';
import { HzstatClient, type IncidentFrame } from '../../client/index.ts';
import { IncidentFiles } from '../../incidents/incident_files.ts';
import { summaryOf } from '../../incidents/messages.ts';
import type { Incident, IncidentReport } from '../../model/incidents/incident.ts';
import type { ClientOptions } from '../options/access_options.ts';
import { defaultDataDir } from '../options/options.ts';
import { type ClientAccess, clientAccess } from './client_access.ts';
import { renderTable } from './table.ts';

export interface IncidentsOptions extends ClientOptions {
  /** Absent where nobody named a server. */
  url?: string;
  dataDir?: string;
  since?: string;
  follow?: boolean;
  format: 'table' | 'json';
}

/** Incidents that were recorded here are listed up to this many. */
const MOST_LISTED = 1_000;
const LIST = ['id', 'began', 'lasted', 'watch', 'field', 'peak', 'who'] as const;
const PROCESSES = [
  'pid',
  'command',
  'state',
  'CPU ms',
  'CPU %',
  'faults',
  'read',
  'written',
  'threads',
  'cgroup',
];
/** A stream that is listened to for its incidents only. */
const SELDOM = '1h';

/** Whoever knows what happened: a server, or a directory. */
interface Source {
  list(since: string | undefined): Promise<Incident[]>;
  find(id: string): Promise<IncidentReport>;
}

/**
 * Lists what happened, or tells one incident with its evidence.
 *
 * @throws HzstatError BAD_FLAG, NOT_FOUND, SERVER_*
 */
export async function incidentsCommand(id: string | undefined, options: IncidentsOptions): Promise<void> {
  const { url, dataDir, since, follow = false } = options;
  if (follow && dataDir !== undefined)
    throw new HzstatError('BAD_FLAG', '--follow asks a running server, and --data-dir what was recorded');
  const base = baseUrl(url ?? DEFAULT_URL);
  const access = clientAccess(options);
  const answer = async (source: Source): Promise<void> => {
    if (id === undefined) printList(await source.list(since), options);
    else printReport(await source.find(id), options);
  };
  if (dataDir !== undefined) return answer(filesIn(dataDir));
  if (follow) return followIncidents(base, access, options, () => answer(serverAt(base, access)));
  try {
    await answer(serverAt(base, access));
  } catch (error) {
    // What is recorded here is no answer for another machine, nor for a server that was named and is down.
    if (url !== undefined || errorCode(error, 'INTERNAL') !== 'SERVER_UNREACHABLE') throw error;
    await answer(filesIn(defaultDataDir(process.env)));
  }
}

function serverAt(base: URL, access: ClientAccess): Source {
  return {
    list: (since) => serverIncidents(base, since, access),
    find: (id) => serverIncident(base, id, access),
  };
}

function filesIn(dataDir: string): Source {
  const reports = new IncidentFiles(dataDir, () => {}).latest(MOST_LISTED);
  return {
    async list(since) {
      const from = since === undefined ? undefined : sinceWhen(since);
      const wanted = reports.filter(({ ended }) => from === undefined || ended === null || ended >= from);
      return wanted.map(summaryOf);
    },
    async find(id) {
      const report = reports.find((each) => each.id === id);
      if (report !== undefined) return report;
      throw new HzstatError('NOT_FOUND', `there is no incident "${id}" in ${dataDir}`);
    },
  };
}

function printList(incidents: readonly Incident[], { format, follow = false }: IncidentsOptions): void {
  if (format === 'json') {
    if (!follow) print({ incidents });
    else for (const incident of incidents.toReversed()) print(incident);
    return;
  }
  if (incidents.length === 0 && !follow) process.stderr.write('no incidents\n');
  // Who follows reads down to the newest.
  const ordered = follow ? incidents.toReversed() : incidents;
  if (ordered.length > 0) process.stdout.write(table(LIST, ordered.map(rowOf)));
}

function rowOf({ id, began, ended, watch, field, peak, who }: Incident): unknown[] {
  return [id, began, ended === null ? 'goes on' : lasted(began, ended), watch, field, peak, who ?? ''];
}

function lasted(began: string, ended: string): string {
  return formatDurationMs(Math.max(0, Date.parse(ended) - Date.parse(began)));
}

function printReport(report: IncidentReport, { format }: IncidentsOptions): void {
  if (format === 'json') {
    print(report);
    return;
  }
  const { id, began, ended, message, who, peak, peak_at, processes, snapshots } = report;
  const facts = [
    ['began', began],
    ['ended', ended ?? 'goes on'],
    ['peak', `${peak} at ${peak_at}`],
    ['who', who ?? 'nobody stands out'],
    ['snapshots', `${snapshots.since} to ${snapshots.until}`],
  ];
  const lines = facts.map(([name = '', text]) => `${name.padEnd(10)} ${text}\n`).join('');
  const rows = processes.map((process) => [
    process.pid,
    process.command,
    process.state,
    process.cpu_ms,
    process.cpu_percent,
    process.major_faults,
    process.read_bytes,
    process.write_bytes,
    process.threads,
    process.cgroup,
  ]);
  process.stdout.write(`${id}: ${message}\n\n${lines}\n${rows.length > 0 ? table(PROCESSES, rows) : ''}`);
}

/**
 * Prints incidents as they begin and end, until Ctrl-C.
 *
 * @param before prints those there are: meanwhile none that begins or ends is missed
 */
async function followIncidents(
  base: URL,
  access: ClientAccess,
  { format }: IncidentsOptions,
  before: () => Promise<void>,
): Promise<void> {
  const told = (frame: IncidentFrame): void => {
    if (format === 'json') print(frame);
    else process.stdout.write(`${lineOf(frame)}\n`);
  };
  let waiting: IncidentFrame[] | undefined = [];
  const client = await HzstatClient.connect({
    url: base.href,
    interval: SELDOM,
    ...access,
    onIncident: (frame) => {
      if (waiting === undefined) told(frame);
      else waiting.push(frame);
    },
    onDisconnect: (reason, retryMs) =>
      process.stderr.write(`hzstat: ${reason}; trying again in ${Math.ceil(retryMs / 100) / 10} s\n`),
  });
  const stop = (): void => client.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await before();
  for (const frame of waiting) told(frame);
  waiting = undefined;
  for await (const _ of client);
}

function lineOf({ id, phase, timestamp, watch, message, who }: IncidentFrame): string {
  return `${timestamp}  ${phase}  ${id}  ${watch}: ${message}${who === null ? '' : `; ${who}`}`;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function table(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const columns = names.map((name, index) => ({
    name,
    type: typeof rows[0]?.[index] === 'number' ? 'DOUBLE' : 'VARCHAR',
  }));
  const result = {
    columns,
    rows: rows.map((row) => [...row]),
    row_count: rows.length,
    truncated: false,
    elapsed_ms: 0,
  };
  return renderTable(result, process.stdout.isTTY ? process.stdout.columns : undefined);
}

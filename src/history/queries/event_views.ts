import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  EVENTS_FILE,
  INCIDENT_COLUMNS,
  INCIDENTS_FILE,
  INCIDENTS_FOLDER,
  MARK_COLUMNS,
  MARKS_FILE,
  PROCESS_COLUMNS,
} from '../../model/incidents/incident.ts';
import { literal, quoted, type SqlType } from '../tables/schema.ts';
import type { Named } from './segment_pruning.ts';

type Columns = Readonly<Record<string, SqlType>>;

/** A table of what happened: read from files of lines of JSON, as they are written. */
export interface EventView extends Named {
  query(): string;
}

/** A line that was cut short by a kill is left out. */
const OPTIONS = 'ignore_errors = true';

/** The tables of incidents, of their processes, of marks, and of what befell the sampler. */
export function eventViews(dataDir: string): readonly EventView[] {
  const folder = join(dataDir, INCIDENTS_FOLDER);
  const days = (): string[] => namesIn(folder).filter((name) => INCIDENTS_FILE.test(name));
  const notes = (file: string): string => {
    const lines = scan(
      folder,
      namesIn(folder).filter((name) => name === file),
      MARK_COLUMNS,
    );
    return `FROM (${lines}) WHERE timestamp IS NOT NULL ORDER BY timestamp`;
  };
  const ofProcess: Columns = { incident: 'VARCHAR', ...PROCESS_COLUMNS };
  const processes = `STRUCT(${definitions(PROCESS_COLUMNS)})[]`;
  return [
    {
      name: 'incident',
      columns: Object.entries(INCIDENT_COLUMNS),
      query: () => latest(scan(folder, days(), { ...INCIDENT_COLUMNS }), Object.keys(INCIDENT_COLUMNS)),
    },
    {
      name: 'incident_process',
      columns: Object.entries(ofProcess),
      query: () => {
        const reports = latest(scan(folder, days(), { id: 'VARCHAR', processes }), ['id', 'processes']);
        return `SELECT id AS incident, unnest(processes, recursive := true) FROM (${reports})`;
      },
    },
    { name: 'mark', columns: Object.entries(MARK_COLUMNS), query: () => notes(MARKS_FILE) },
    { name: 'sampler_event', columns: Object.entries(MARK_COLUMNS), query: () => notes(EVENTS_FILE) },
  ];
}

/** Of several lines with one id the last one counts. */
function latest(lines: string, columns: readonly string[]): string {
  return (
    `SELECT ${columns.map(quoted).join(', ')} FROM (SELECT *, row_number() OVER () AS line FROM (${lines})) ` +
    'WHERE id IS NOT NULL QUALIFY row_number() OVER (PARTITION BY id ORDER BY line DESC) = 1'
  );
}

function scan(folder: string, names: readonly string[], columns: Readonly<Record<string, string>>): string {
  if (names.length === 0) {
    const nulls = Object.entries(columns).map(([name, type]) => `NULL::${type} AS ${quoted(name)}`);
    return `SELECT ${nulls.join(', ')} WHERE false`;
  }
  const files = names.map((name) => literal(join(folder, name))).join(', ');
  const types = Object.entries(columns).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `FROM read_ndjson([${files}], columns = {${types.join(', ')}}, ${OPTIONS})`;
}

function definitions(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, type]) => `${quoted(name)} ${type}`)
    .join(', ');
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

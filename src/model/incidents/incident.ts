/** What one process did while an incident lasted, as far as the looks at /proc can tell. */
export interface IncidentProcess {
  pid: number;
  /** The name of its program; with its arguments where they were asked for. */
  command: string;
  /** Its control group as /proc shows it; null where it could not be read. */
  cgroup: string | null;
  /** ISO 8601 UTC. */
  started: string;
  /** CPU time within the incident. */
  cpu_ms: number;
  /** The same as a share of one core: 200 is two cores. */
  cpu_percent: number;
  major_faults: number;
  /** Null where its I/O may not be read: of others' processes that takes CAP_SYS_PTRACE. */
  read_bytes: number | null;
  write_bytes: number | null;
  threads: number;
  /** Whether it was still there when the incident was over. */
  state: 'running' | 'ended';
}

/** Something that was watched for has happened: a line of `GET /incidents`. */
export interface Incident {
  readonly id: string;
  /** The name of the watch. */
  readonly watch: string;
  /** The field that crossed the threshold, with the name of the device, core or group. */
  readonly field: string;
  readonly threshold: number;
  /** ISO 8601 UTC, as the timestamps of snapshots. */
  readonly began: string;
  /** Null while it lasts. */
  readonly ended: string | null;
  /** The value furthest beyond the threshold, and the snapshot it is of. */
  readonly peak: number;
  readonly peak_at: string;
  /** The whole in a sentence. */
  readonly message: string;
  /** Who did it, in a few words; null until somebody has been found. */
  readonly who: string | null;
}

/** An incident with its evidence: `GET /incidents/ID`, and a line of the file it is kept in. */
export interface IncidentReport extends Incident {
  /** Those that did most, the busiest first. */
  readonly processes: readonly IncidentProcess[];
  /** The stretch of history that belongs to it. */
  readonly snapshots: { readonly since: string; readonly until: string };
}

/** The stretch before an incident and after it that belongs to it: what of it is kept at full rate, and shown. */
export const AROUND_INCIDENT_MS = 10_000;

/** Where a data directory has its incidents: a file `YYYY-MM-DD.ndjson` for each day, and the marks. */
export const INCIDENTS_FOLDER = 'incidents';
export const INCIDENTS_FILE = /^\d{4}-\d\d-\d\d\.ndjson$/;
export const MARKS_FILE = 'marks.ndjson';
/** What befell the sampler itself: starts, ends, switches, other intervals. */
export const EVENTS_FILE = 'sampler.ndjson';

/** The columns of table `incident`, with their types in SQL. */
export const INCIDENT_COLUMNS = {
  id: 'VARCHAR',
  began: 'TIMESTAMPTZ',
  ended: 'TIMESTAMPTZ',
  watch: 'VARCHAR',
  field: 'VARCHAR',
  threshold: 'DOUBLE',
  peak: 'DOUBLE',
  peak_at: 'TIMESTAMPTZ',
  message: 'VARCHAR',
  who: 'VARCHAR',
} as const;

/** The columns of table `incident_process` behind `incident`, the id. */
export const PROCESS_COLUMNS = {
  pid: 'BIGINT',
  command: 'VARCHAR',
  cgroup: 'VARCHAR',
  started: 'TIMESTAMPTZ',
  cpu_ms: 'DOUBLE',
  cpu_percent: 'DOUBLE',
  major_faults: 'BIGINT',
  read_bytes: 'BIGINT',
  write_bytes: 'BIGINT',
  threads: 'BIGINT',
  state: 'VARCHAR',
} as const satisfies Readonly<Record<keyof IncidentProcess, string>>;

/** The columns of tables `mark` and `sampler_event`. */
export const MARK_COLUMNS = { timestamp: 'TIMESTAMPTZ', text: 'VARCHAR' } as const satisfies Readonly<
  Record<keyof Mark, string>
>;

/** A note on the time axis: a line of table `mark` or, of the sampler's own, of `sampler_event`. */
export interface Mark {
  readonly timestamp: string;
  readonly text: string;
}

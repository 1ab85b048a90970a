import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { INCIDENTS_FILE, INCIDENTS_FOLDER } from '../../model/incidents/incident.ts';
import { removeFile } from './files.ts';
import { type Incident, type IncidentWindow, incidentsIn, joined, windowOf } from './incident_windows.ts';

const DAY_MS = 86_400_000;
const DATE_LENGTH = 'YYYY-MM-DD'.length;

/** A file as it was when it was read. */
interface Read {
  readonly version: string;
  readonly incidents: readonly Incident[];
}

/** What is known of incidents, a file for each day (UTC) on which some began: `incidents/YYYY-MM-DD.ndjson`. */
export class KnownIncidents {
  readonly #directory: string;
  readonly #startedMs: number;
  readonly #say: (message: string) => void;
  readonly #read = new Map<string, Read>();
  readonly #unreadable = new Set<string>();

  /** @param startedMs since when this process records: no incident from before lasts any more */
  constructor(dataDir: string, startedMs: number, say: (message: string) => void) {
    this.#directory = join(dataDir, INCIDENTS_FOLDER);
    this.#startedMs = startedMs;
    this.#say = say;
  }

  /** The windows that are not older than they are kept, in the order of time and apart from one another. */
  async windows(keptMs: number, nowMs: number): Promise<readonly IncidentWindow[]> {
    const windows: IncidentWindow[] = [];
    const names = this.#names();
    for (const name of this.#read.keys()) if (!names.includes(name)) this.#read.delete(name);
    for (const name of names) {
      for (const incident of await this.#incidents(name)) {
        const window = windowOf(incident, this.#startedMs, nowMs);
        if (nowMs - window.toMs <= keptMs) windows.push(window);
      }
    }
    return joined(windows);
  }

  /** Removes the files of days that are older than incidents are kept, unless one of that day lasted longer. */
  async removeOld(keptMs: number, nowMs: number): Promise<void> {
    for (const name of this.#names()) {
      const dayMs = Date.parse(name.slice(0, DATE_LENGTH));
      if (!(nowMs - (dayMs + DAY_MS) > keptMs)) continue;
      const incidents = await this.#incidents(name);
      const isKept = incidents.some(
        (incident) => nowMs - windowOf(incident, this.#startedMs, nowMs).toMs <= keptMs,
      );
      if (!isKept) removeFile(join(this.#directory, name));
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter((name) => INCIDENTS_FILE.test(name));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') this.#complain(this.#directory, error);
      return [];
    }
  }

  /** Reads a file if it has changed. Where that is not possible, what was read before is what is known. */
  async #incidents(name: string): Promise<readonly Incident[]> {
    const path = join(this.#directory, name);
    const before = this.#read.get(name);
    try {
      const { size, mtimeMs, ino } = statSync(path);
      const version = `${ino} ${size} ${mtimeMs}`;
      if (before?.version === version) return before.incidents;
      const incidents = incidentsIn(await readFile(path, 'utf8'));
      this.#read.set(name, { version, incidents });
      this.#unreadable.delete(path);
      return incidents;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') this.#complain(path, error);
      return before?.incidents ?? [];
    }
  }

  /** Once for each file: this comes up every minute. */
  #complain(path: string, error: unknown): void {
    if (this.#unreadable.has(path)) return;
    this.#unreadable.add(path);
    this.#say(
      `${path} cannot be read, so raw snapshots around its incidents go with the rest: ${errorMessage(error)}`,
    );
  }
}

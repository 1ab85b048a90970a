import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../base/errors.ts';
import { INCIDENTS_FILE, INCIDENTS_FOLDER, type IncidentReport } from '../model/incidents/incident.ts';
import { appendLine } from './line_file.ts';

/** What is waiting to be written at most, while the disk is full. */
const MOST_WAITING = 1_000;

/**
 * Incidents on disk: a file of lines of JSON for each day, made to be appended to. An incident is written when it
 * begins and again when it has ended; of several lines with one id the last one counts.
 */
export class IncidentFiles {
  readonly #folder: string;
  readonly #waiting: IncidentReport[] = [];
  #writing: Promise<void> | undefined;
  /** Why the latest write failed; undefined when it did not. */
  trouble: string | undefined;
  readonly #onTrouble: () => void;

  constructor(dataDir: string, onTrouble: () => void) {
    this.#folder = join(dataDir, INCIDENTS_FOLDER);
    this.#onTrouble = onTrouble;
  }

  /** The latest incidents, the newest first. A line that was cut short by a kill, or is none of ours, is left out. */
  latest(most: number): IncidentReport[] {
    const found = new Map<string, IncidentReport>();
    for (const name of this.#days()) {
      if (found.size >= most) break;
      for (const report of readReports(join(this.#folder, name))) found.set(report.id, report);
    }
    return [...found.values()].sort((a, b) => (a.began < b.began ? 1 : -1)).slice(0, most);
  }

  /** Writes an incident down, in the background and in order. */
  keep(report: IncidentReport): void {
    this.#waiting.push(report);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when what there is has been written, or could not be. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let report = this.#waiting[0]; report !== undefined; report = this.#waiting[0]) {
      const path = join(this.#folder, `${report.began.slice(0, 10)}.ndjson`);
      const trouble = await appendLine(path, report).then(
        () => undefined,
        (error: unknown) => `incidents cannot be kept in ${this.#folder}: ${errorMessage(error)}`,
      );
      if (trouble !== this.trouble) {
        this.trouble = trouble;
        this.#onTrouble();
      }
      // Tried again with the next incident.
      if (trouble !== undefined) return;
      this.#waiting.shift();
    }
  }

  /** The names of the files, the latest day first. */
  #days(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => INCIDENTS_FILE.test(name))
      .sort()
      .reverse();
  }
}

/**
 * Until when something was recorded here before this process began: the last sign of life of the run before.
 * Undefined where there is none.
 */
export function lastRecorded(dataDir: string): string | undefined {
  const folder = join(dataDir, 'journal');
  if (!existsSync(folder)) return undefined;
  const times = readdirSync(folder)
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
    .filter((ms) => ms > 0 && ms < performance.timeOrigin);
  return times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString();
}

function readReports(path: string): IncidentReport[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const report = parseReport(line);
    return report === undefined ? [] : [report];
  });
}

function parseReport(line: string): IncidentReport | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isReport(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever can write there can write anything: what the list is ordered and found by must be there. */
function isReport(value: unknown): value is IncidentReport {
  if (typeof value !== 'object' || value === null) return false;
  const report: Partial<Record<keyof IncidentReport, unknown>> = value;
  const texts = [report.id, report.watch, report.field, report.began, report.peak_at, report.message];
  return (
    texts.every((text) => typeof text === 'string') &&
    (report.ended === null || typeof report.ended === 'string') &&
    Array.isArray(report.processes)
  );
}

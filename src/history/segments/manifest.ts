import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../../base/errors.ts';
import { replaceFile } from './files.ts';

export const MANIFEST_VERSION = 1;

/** One Parquet file and what is in it. Times are Unix milliseconds. */
export interface Segment {
  /** The table, or a rollup of it. */
  readonly table: string;
  /** Below the data directory. */
  readonly file: string;
  /**
   * `minute` was sealed from a journal, `hour` merged from minutes, `day` from hours. Rollups begin as hours;
   * only they become days, because they are many small files that live long. `incident` has raw rows that outlive
   * the rest: those in the windows around incidents, cut out of hours.
   */
  readonly level: 'minute' | 'hour' | 'day' | 'incident';
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly bytes: number;
  /** Whether its rows are in the outbox, or have left it. */
  readonly handedOver?: true;
  /** Of a file in a lake: whose rows they are. */
  readonly host?: string;
}

/** A file that waits to be taken away: the raw rows of a table and period. */
export interface OutboxFile {
  readonly table: string;
  /** Below the data directory. */
  readonly file: string;
  /** The period: from its first millisecond to that behind its last. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
  readonly bytes: number;
  /** The segment it is, under another name, where it was not put together of several. */
  readonly segment?: string;
}

/** Files that are out of use, and since when; readers may still have them in hand. */
export interface Garbage {
  readonly file: string;
  readonly sinceMs: number;
}

/** Which segments there are. Readers take no others; what else lies in the directories is reconciled at the start. */
export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly segments: readonly Segment[];
  readonly garbage: readonly Garbage[];
  /** Journals that are in segments already; removed before anything else after a crash. */
  readonly sealedJournals: readonly string[];
  /** What waits to be taken away. */
  readonly outbox: readonly OutboxFile[];
}

export const EMPTY_MANIFEST: Manifest = {
  version: MANIFEST_VERSION,
  segments: [],
  garbage: [],
  sealedJournals: [],
  outbox: [],
};

export function manifestPath(dataDir: string): string {
  return join(dataDir, 'manifest.json');
}

/** The manifest, the empty one if there is none, or undefined when there is one that cannot be read. */
export function readManifest(path: string): Manifest | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return EMPTY_MANIFEST;
    if (code === 'EISDIR') return undefined;
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    // Before there was an outbox, nothing was in it.
    return isManifest(value) ? { ...value, outbox: value.outbox ?? [] } : undefined;
  } catch {
    return undefined;
  }
}

export function writeManifest(path: string, manifest: Manifest): Promise<void> {
  return replaceFile(path, `${JSON.stringify(manifest)}\n`);
}

function isManifest(value: unknown): value is Omit<Manifest, 'outbox'> & Partial<Pick<Manifest, 'outbox'>> {
  if (typeof value !== 'object' || value === null) return false;
  if (!('version' in value) || value.version !== MANIFEST_VERSION) return false;
  return (
    'segments' in value &&
    Array.isArray(value.segments) &&
    value.segments.every(isSegment) &&
    'garbage' in value &&
    Array.isArray(value.garbage) &&
    value.garbage.every(isGarbage) &&
    'sealedJournals' in value &&
    Array.isArray(value.sealedJournals) &&
    value.sealedJournals.every((journal) => typeof journal === 'string') &&
    (!('outbox' in value) || (Array.isArray(value.outbox) && value.outbox.every(isOutboxFile)))
  );
}

const TEXTS = ['table', 'file'];
const NUMBERS = ['fromMs', 'toMs', 'rows', 'bytes'];
const LEVELS: readonly unknown[] = ['minute', 'hour', 'day', 'incident'] satisfies Segment['level'][];

function isSegment(value: unknown): value is Segment {
  return isOutboxFile(value) && 'level' in value && LEVELS.includes(value.level);
}

/** Segments have all that files in the outbox have. */
function isOutboxFile(value: unknown): value is OutboxFile {
  if (typeof value !== 'object' || value === null) return false;
  return (
    TEXTS.every((name) => typeof Reflect.get(value, name) === 'string') &&
    NUMBERS.every((name) => Number.isFinite(Reflect.get(value, name)))
  );
}

function isGarbage(value: unknown): value is Garbage {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'file' in value && typeof value.file === 'string' && 'sinceMs' in value && Number.isFinite(value.sinceMs)
  );
}

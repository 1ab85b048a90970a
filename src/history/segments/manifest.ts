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
}

export const EMPTY_MANIFEST: Manifest = {
  version: MANIFEST_VERSION,
  segments: [],
  garbage: [],
  sealedJournals: [],
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
    return isManifest(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function writeManifest(path: string, manifest: Manifest): Promise<void> {
  return replaceFile(path, `${JSON.stringify(manifest)}\n`);
}

function isManifest(value: unknown): value is Manifest {
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
    value.sealedJournals.every((journal) => typeof journal === 'string')
  );
}

const TEXTS = ['table', 'file'];
const NUMBERS = ['fromMs', 'toMs', 'rows', 'bytes'];
const LEVELS: readonly unknown[] = ['minute', 'hour', 'day', 'incident'] satisfies Segment['level'][];

function isSegment(value: unknown): value is Segment {
  if (typeof value !== 'object' || value === null || !('level' in value)) return false;
  return (
    LEVELS.includes(value.level) &&
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

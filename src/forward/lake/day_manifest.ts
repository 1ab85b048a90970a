import { UploadFailure } from './target.ts';

export const DAY_MANIFEST_VERSION = 1;

/** A file of the lake, as the manifest of its host and day lists it. */
export interface ListedFile {
  readonly table: string;
  /** Below the lake. */
  readonly file: string;
  /** The period, ISO 8601: from its first moment to that behind its last. */
  readonly from: string;
  readonly to: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * The text of a manifest with more files in it; one that is listed already is listed once.
 *
 * @param before the text there was, if there was one
 * @throws UploadFailure when that is none this version knows
 */
export function withFiles(
  before: string | undefined,
  date: string,
  host: string,
  files: readonly ListedFile[],
): string {
  const listed = new Map<string, unknown>();
  for (const file of before === undefined ? [] : filesIn(before, date, host)) listed.set(nameOf(file), file);
  for (const file of files) listed.set(file.file, file);
  const sorted = [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
  return `${JSON.stringify({ version: DAY_MANIFEST_VERSION, date, host, files: sorted })}\n`;
}

function filesIn(text: string, date: string, host: string): readonly unknown[] {
  const why = `the manifest of host ${host} and ${date} is`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UploadFailure(`${why} no JSON: remove it, and it is made anew`);
  }
  if (typeof value === 'object' && value !== null && 'version' in value && 'files' in value) {
    if (value.version === DAY_MANIFEST_VERSION && Array.isArray(value.files)) return value.files;
  }
  throw new UploadFailure(`${why} of another version: another version of hzstat writes to this lake`);
}

function nameOf(file: unknown): string {
  return typeof file === 'object' && file !== null && 'file' in file ? String(file.file) : '';
}

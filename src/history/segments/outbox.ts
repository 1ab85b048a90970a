import { copyFileSync, linkSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode } from '../../base/errors.ts';
import { formatDurationMs, parseDurationMs } from '../../base/units.ts';
import { makeDirectory, publishFile, removeFile, syncPath, TEMPORARY_SUFFIX } from './files.ts';
import type { OutboxFile, Segment } from './manifest.ts';
import { factsOf } from './parquet_footer.ts';

/** Where files wait to be taken away, below the data directory, a folder a table. */
export const OUTBOX = 'outbox';

/** What a file system says that knows no second name of a file. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
]);

/** A time in which rows were recorded, in Unix milliseconds: from its first to that behind its last. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How the files of a period are called, as ISO 8601 writes intervals: `20261126T1000Z-1h`. */
export function periodName({ fromMs, toMs }: Period): string {
  const minute = new Date(fromMs).toISOString().slice(0, 16).replaceAll(/[-:]/g, '');
  return `${minute}Z-${formatDurationMs(toMs - fromMs)}`;
}

/** The period a name begins with; undefined where it is none of these. */
export function periodIn(name: string): Period | undefined {
  const [, year, month, day, hour, minute, duration = ''] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z-(\d+[mhd])\b/.exec(name) ?? [];
  const fromMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}Z`);
  return Number.isNaN(fromMs) ? undefined : { fromMs, toMs: fromMs + parseDurationMs(duration) };
}

/** Puts a segment into the outbox as it is, as a second name of the same file where that is possible. */
export async function putAsItIs(
  dataDir: string,
  segment: Segment,
  period: Period,
  stem: string,
): Promise<OutboxFile> {
  const { table, rows, bytes } = segment;
  const file = join(OUTBOX, table, `${stem}.parquet`);
  const path = join(dataDir, file);
  const source = join(dataDir, segment.file);
  makeDirectory(dirname(path));
  // Left by a process that was killed before it was listed.
  removeFile(path);
  const entry = { table, file, ...period, rows, bytes };
  try {
    linkSync(source, path);
    await syncPath(dirname(path));
    return { ...entry, segment: segment.file };
  } catch (error) {
    if (!NO_LINKS.has(systemErrorCode(error))) throw error;
  }
  copyFileSync(source, path + TEMPORARY_SUFFIX);
  await publishFile(path + TEMPORARY_SUFFIX, path);
  return entry;
}

/** What lies in the outbox, by what the files say of themselves. */
export function filesInOutbox(dataDir: string): OutboxFile[] {
  return filesIn(join(dataDir, OUTBOX)).flatMap((path): OutboxFile[] => {
    const file = join(OUTBOX, path);
    const period = periodIn(basename(path));
    if (period === undefined || path.endsWith(TEMPORARY_SUFFIX)) return [];
    try {
      const { rows } = factsOf(join(dataDir, file));
      return [{ table: dirname(path), file, ...period, rows, bytes: statSync(join(dataDir, file)).size }];
    } catch {
      return [];
    }
  });
}

/** Removes what lies in the outbox and is not listed: its rows are still in segments that count. */
export function sweepOutbox(dataDir: string, listed: readonly OutboxFile[]): void {
  const known = new Set(listed.map(({ file }) => file));
  for (const file of filesIn(join(dataDir, OUTBOX))) {
    if (!known.has(join(OUTBOX, file))) removeFile(join(dataDir, OUTBOX, file));
  }
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('/'));
  } catch {
    // There is none before the first file.
    return [];
  }
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { US_PER_MS } from '../../base/units.ts';
import { ROLLUPS, TABLE_OF_ROLLUP } from '../tables/rollup.ts';
import type { Segment } from './manifest.ts';
import { factsOf } from './parquet_footer.ts';
import { type SegmentName, segmentName } from './segment_name.ts';
import { segmentScan } from './segment_scan.ts';

/** Files looked at before others on the thread have their turn. */
const FILES_AT_ONCE = 50;

/** Asks the database engine, wherever that is. @throws Error with what it says */
export type Count = (sql: string) => Promise<number>;

/** What is to be done about files the manifest does not list. */
export interface Reconciliation {
  /** Segments whose rows are in no other. */
  readonly adopted: readonly Segment[];
  /** Listed segments all of whose rows are in one that was adopted. */
  readonly replaced: readonly Segment[];
  /** Files all of whose rows are elsewhere, or will be: nobody misses them. */
  readonly superfluous: readonly string[];
  /** Files that cannot be read, or that hold some of what others hold, and why. */
  readonly doubtful: readonly { readonly file: string; readonly why: string }[];
  /** Foreign files, and files nothing is known about for now: they stay where they are. */
  readonly left: readonly { readonly file: string; readonly why: string }[];
}

/** A file that was found, and what its footer says. */
interface Found extends Segment {
  /** Of two that hold the same rows, the one with the higher rank is kept. */
  readonly rank: number;
}

/**
 * In which order files are taken in. What was merged comes behind what it was merged of: as long as that is whole,
 * it can be merged again, and nobody knows whether that work was done to its end.
 */
const RANKS: Readonly<Record<SegmentName['level'], number>> = {
  minute: 3,
  hour: 2,
  day: 1,
  incident: 1,
  early: 0,
};

/**
 * Holds the files of a data directory against the list of those that count. The list may be lost, old, or of a
 * version nobody here knows; the truth is in the files: a row counts once, whatever number of files it is in, and
 * none that is in one alone is given up. Changes nothing on the disk.
 *
 * @param leaving files that are out of use and removed soon
 * @param count answers a question in SQL with a number
 */
export async function reconcile(
  dataDir: string,
  listed: readonly Segment[],
  leaving: ReadonlySet<string>,
  count: Count,
): Promise<Reconciliation> {
  const known = new Set([...listed.map(({ file }) => file), ...leaving]);
  const superfluous: string[] = [];
  const doubtful: { file: string; why: string }[] = [];
  const left: { file: string; why: string }[] = [];
  const found: Found[] = [];
  let looked = 0;
  for (const file of filesIn(dataDir)) {
    if (known.has(file)) continue;
    if (++looked % FILES_AT_ONCE === 0) await nextTurn();
    const name = segmentName(file);
    if (name === undefined) left.push({ file, why: 'it is none of those that are written here' });
    // The journal is still there and will be sealed again, as a whole.
    else if (name.isTemporary || isJournalLeft(dataDir, name)) superfluous.push(file);
    else {
      try {
        found.push(look(dataDir, file, name));
      } catch (error) {
        (isTransient(error) ? left : doubtful).push({ file, why: errorMessage(error) });
      }
    }
  }
  const accepted = new Accepted(dataDir, listed, count);
  for (const segment of found.sort(inOrder)) {
    const verdict = await accepted.judge(segment);
    if (verdict === 'superfluous') superfluous.push(segment.file);
    else if (verdict === 'partly elsewhere')
      doubtful.push({ file: segment.file, why: 'it holds some of what other segments hold, and more' });
    else if (verdict !== 'adopted') left.push({ file: segment.file, why: verdict.why });
  }
  return { adopted: accepted.adopted, replaced: accepted.replaced, superfluous, doubtful, left };
}

/** What has been taken in so far. */
class Accepted {
  readonly adopted: Segment[] = [];
  readonly replaced: Segment[] = [];
  readonly #dataDir: string;
  readonly #byTable = new Map<string, Segment[]>();
  readonly #count: Count;

  constructor(dataDir: string, listed: readonly Segment[], count: Count) {
    this.#dataDir = dataDir;
    this.#count = count;
    for (const segment of listed) this.#of(segment.table).push(segment);
  }

  async judge(found: Found): Promise<'adopted' | 'superfluous' | 'partly elsewhere' | { why: string }> {
    if (found.rows === 0) return 'superfluous';
    try {
      if (await this.#isRolledUpAnew(found)) return 'superfluous';
      const around = this.#around(found.table, found);
      if (around.length > 0) {
        if ((await this.#missing(found, around)) === 0) return 'superfluous';
        const within: Segment[] = [];
        for (const other of around) {
          const missing = await this.#missing(other, [found]);
          if (missing === 0) within.push(other);
          else if (missing === (await this.#missing(other, []))) continue;
          // Cut out of one and put together with others, which is done once the rest of it does not count any more.
          else if (isCut(found, other)) return 'superfluous';
          else if (isCut(other, found)) within.push(other);
          else return 'partly elsewhere';
        }
        this.#replace(found.table, within);
      }
    } catch (error) {
      return { why: `it could not be compared with others: ${errorMessage(error)}` };
    }
    const { rank: _, ...segment } = found;
    this.#of(found.table).push(segment);
    this.adopted.push(segment);
    return 'adopted';
  }

  /**
   * Whether a rollup will be made again because the minutes it is of wait to be merged: merging was broken off, or not
   * written down. Beside them it would count twice.
   */
  async #isRolledUpAnew(found: Segment): Promise<boolean> {
    const table = TABLE_OF_ROLLUP.get(found.table);
    if (table === undefined || found.level !== 'hour') return false;
    const raw = this.#around(table, found).filter(({ level }) => level !== 'incident');
    if (raw.length === 0 || raw.some(({ level }) => level !== 'minute')) return false;
    return (await this.#missing(found, raw, widthUsOf(found.table))) === 0;
  }

  /** How many moments of a segment none of the others has: rows of one moment are never in different files. */
  #missing(segment: Segment, others: readonly Segment[], widthUs = 1): Promise<number> {
    const moments = (segments: readonly Segment[]): string =>
      segments.length === 0
        ? 'SELECT NULL::BIGINT AS us WHERE false'
        : `SELECT DISTINCT epoch_us("timestamp") // ${widthUs} AS us FROM ${segmentScan(this.#dataDir, segments)}`;
    return this.#count(
      `SELECT count(*)::INTEGER FROM (${moments([segment])}) WHERE us NOT IN (${moments(others)})`,
    );
  }

  #around(table: string, { fromMs, toMs }: Segment): Segment[] {
    return this.#of(table).filter((other) => other.fromMs <= toMs && fromMs <= other.toMs);
  }

  #replace(table: string, segments: readonly Segment[]): void {
    this.#byTable.set(
      table,
      this.#of(table).filter((segment) => !segments.includes(segment)),
    );
    for (const segment of segments) {
      const place = this.adopted.indexOf(segment);
      if (place >= 0) this.adopted.splice(place, 1);
      this.replaced.push(segment);
    }
  }

  #of(table: string): Segment[] {
    let segments = this.#byTable.get(table);
    if (segments === undefined) {
      segments = [];
      this.#byTable.set(table, segments);
    }
    return segments;
  }
}

/** Whether rows of one may have been cut out to the other. */
function isCut(one: Segment, other: Segment): boolean {
  return one.level !== 'incident' && other.level === 'incident';
}

function filesIn(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'segments'), { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(dataDir, '/').length));
}

function isJournalLeft(dataDir: string, { journal }: SegmentName): boolean {
  return journal !== undefined && existsSync(join(dataDir, 'journal', `${journal}.hzj`));
}

function look(dataDir: string, file: string, { table, level }: SegmentName): Found {
  const path = join(dataDir, file);
  const { rows, fromMs = 0, toMs } = factsOf(path);
  if (rows > 0 && toMs === undefined) throw new RangeError('it does not say of what time it is');
  return {
    table,
    file,
    level: level === 'early' ? 'minute' : level,
    fromMs,
    // A bucket is named by its beginning.
    toMs: (toMs ?? 0) + Math.max(0, widthUsOf(table) / US_PER_MS - 1),
    rows,
    bytes: statSync(path).size,
    rank: RANKS[level],
  };
}

/** The width of a rollup's buckets; 0 for raw rows. */
function widthUsOf(table: string): number {
  if (!TABLE_OF_ROLLUP.has(table)) return 0;
  return ROLLUPS.find(({ suffix }) => table.endsWith(`_${suffix}`))?.widthUs ?? 0;
}

/** Raw rows before rollups; of one rank what was merged last or is more of a journal, which its number says. */
function inOrder(a: Found, b: Found): number {
  return (
    Number(TABLE_OF_ROLLUP.has(a.table)) - Number(TABLE_OF_ROLLUP.has(b.table)) ||
    b.rank - a.rank ||
    b.file.localeCompare(a.file, 'en', { numeric: true })
  );
}

/** What may go well the next time says nothing of a file. */
function isTransient(error: unknown): boolean {
  return ['EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'EIO', 'ENOMEM', 'ENOENT'].includes(
    systemErrorCode(error) ?? '',
  );
}

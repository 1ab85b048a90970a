import { TABLE_OF_ROLLUP } from '../tables/rollup.ts';
import { TABLES } from '../tables/schema.ts';
import { TEMPORARY_SUFFIX } from './files.ts';
import type { Segment } from './manifest.ts';

/** How the name of a segment begins. `early` is one made for a query of a journal that was still under way. */
const LEVELS = { m: 'minute', h: 'hour', d: 'day', i: 'incident', p: 'early' } as const;

/** What the name of a segment says. */
export interface SegmentName {
  readonly table: string;
  readonly level: Segment['level'] | 'early';
  /** Of what was made of one journal, the name of that journal without its ending. */
  readonly journal: string | undefined;
  /** Whether it was still being written. */
  readonly isTemporary: boolean;
}

const KNOWN_TABLES: ReadonlySet<string> = new Set([
  ...TABLES.map(({ name }) => name),
  ...TABLE_OF_ROLLUP.keys(),
]);

/** What a path below the data directory says; undefined when it is none that is given here. */
export function segmentName(file: string): SegmentName | undefined {
  const isTemporary = file.endsWith(TEMPORARY_SUFFIX);
  const whole = isTemporary ? file.slice(0, -TEMPORARY_SUFFIX.length) : file;
  const [, table = '', letter = '', rest = ''] =
    /^segments\/(\w+)\/([mhdip])-(\d+-[\w.-]+)\.parquet$/.exec(whole) ?? [];
  if (!KNOWN_TABLES.has(table)) return undefined;
  const level = LEVELS[letter as keyof typeof LEVELS];
  if (level === 'minute') return { table, level, journal: rest, isTemporary };
  // Behind the journal's name stands how much of it there was.
  if (level === 'early') return { table, level, journal: rest.replace(/-\d+$/, ''), isTemporary };
  return { table, level, journal: undefined, isTemporary };
}

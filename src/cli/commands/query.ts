import { once } from 'node:events';
import { errorCode, HzstatError } from '../../base/errors.ts';
import { baseUrl, DEFAULT_URL } from '../../client/endpoint.ts';
import { postExport, postQuery, type QueryResult } from '../../client/query.ts';
import { openLake } from '../../forward/lake/lake_files.ts';
import { type LakePlace, lakeTitle } from '../../forward/lake/lake_place.ts';
import { OfflineHistory } from '../../history/archives/offline.ts';
import type { ClientOptions } from '../options/access_options.ts';
import { defaultDataDir } from '../options/options.ts';
import { questionFrom } from '../options/question.ts';
import { clientAccess } from './client_access.ts';
import { renderTable } from './table.ts';

const PROGRESS_AFTER_MS = 1_000;

const ACCEPT = {
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
  ndjson: 'application/x-ndjson',
} as const;

/** Formats that have no limit of rows. */
type ExportFormat = keyof typeof ACCEPT;

/** Signals that end a question, with the exit codes shells know them by. */
const ENDING = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export interface QueryOptions extends ClientOptions {
  /** Absent where nobody named a server. */
  url?: string;
  format: 'table' | 'json' | ExportFormat;
  dataDir?: string;
  lake?: LakePlace;
  /** Where the question is read from, instead of the command line. */
  file?: string;
}

/** Whoever answers: a server, or a directory. */
interface Source {
  query(sql: string): Promise<QueryResult>;
  export(sql: string, format: ExportFormat): AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * Asks the server that was named, or the data directory or lake that was; where none was, the server of this host, or
 * what it has recorded when none runs.
 */
export async function queryCommand(text: string | undefined, options: QueryOptions): Promise<void> {
  // By exit handlers, which a signal would pass over, temporary directories go.
  for (const [signal, code] of Object.entries(ENDING)) process.once(signal, () => process.exit(code));
  const sql = await questionFrom(text, options.file);
  const { url, dataDir, lake } = options;
  if (lake !== undefined) return answer(await lakeIn(lake), sql, options);
  if (dataDir !== undefined) return answer(await offline(dataDir), sql, options);
  const server = serverAt(baseUrl(url ?? DEFAULT_URL), options);
  // What is recorded here is no answer for another machine, nor for a server that was named and is down.
  if (url !== undefined) return answer(server, sql, options);
  try {
    return await answer(server, sql, options);
  } catch (error) {
    if (errorCode(error, 'INTERNAL') !== 'SERVER_UNREACHABLE') throw error;
  }
  return answer(await offline(defaultDataDir(process.env)), sql, options);
}

function serverAt(base: URL, options: ClientOptions): Source {
  const access = clientAccess(options);
  return {
    query: async (sql) => JSON.parse(await postQuery(base, sql, access)),
    export: (sql, format) => postExport(base, sql, ACCEPT[format], access),
    close() {},
  };
}

function offline(dataDir: string): Promise<Source> {
  return OfflineHistory.open(dataDir, sayLeftOut);
}

/** @throws HzstatError BAD_FLAG for a bucket, which other engines read better */
async function lakeIn(place: LakePlace): Promise<Source> {
  if (place.kind === 'directory') return openLake(place.path, sayLeftOut);
  throw new HzstatError(
    'BAD_FLAG',
    `${lakeTitle(place)} is asked with an engine that reads S3, such as DuckDB, ClickHouse, Trino or Spark (docs/lake.md has the statements); --lake asks a directory`,
  );
}

function sayLeftOut(files: readonly string[]): void {
  say(`left out, because they cannot be read: ${files.join(', ')}`);
}

async function answer(source: Source, sql: string, { format }: QueryOptions): Promise<void> {
  const stopProgress = showProgress();
  try {
    if (format !== 'table' && format !== 'json') {
      if (format === 'parquet' && process.stdout.isTTY)
        throw new HzstatError('BAD_FLAG', 'Parquet is nothing for a terminal: redirect it to a file with >');
      await pour(source.export(sql, format), stopProgress);
      return;
    }
    const result = await source.query(sql);
    stopProgress();
    print(result, format);
  } finally {
    stopProgress();
    source.close();
  }
}

/** Prints pieces at the pace of the reader. */
async function pour(pieces: AsyncIterable<Uint8Array>, begun: () => void): Promise<void> {
  for await (const piece of pieces) {
    begun();
    if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
  }
}

function print(result: QueryResult, format: 'table' | 'json'): void {
  const { row_count, elapsed_ms, truncated } = result;
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    if (truncated)
      say(
        `only the first ${row_count} rows: add a LIMIT, aggregate, or take all of them with --format ndjson or --format csv`,
      );
    return;
  }
  process.stdout.write(renderTable(result, process.stdout.isTTY ? process.stdout.columns : undefined));
  const more = truncated ? ' (there are more; add a LIMIT, aggregate, or take all with --format csv)' : '';
  process.stderr.write(`${row_count} ${row_count === 1 ? 'row' : 'rows'} in ${elapsed_ms} ms${more}\n`);
}

function say(text: string): void {
  process.stderr.write(`hzstat: ${text}\n`);
}

/** Says on a terminal that it is still working once that takes longer than a moment. */
function showProgress(): () => void {
  if (!process.stderr.isTTY) return () => {};
  const startedMs = performance.now();
  const timer = setInterval(() => {
    process.stderr.write(`\rasking… ${Math.round((performance.now() - startedMs) / 1_000)} s`);
  }, PROGRESS_AFTER_MS);
  let shown = true;
  return () => {
    clearInterval(timer);
    if (shown && performance.now() - startedMs > PROGRESS_AFTER_MS) process.stderr.write('\r\x1b[K');
    shown = false;
  };
}

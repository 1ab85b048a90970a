import { baseUrl } from '../client/endpoint.ts';
import { postQuery, type QueryResult } from '../client/query.ts';
import { queryOffline } from '../history/offline.ts';
import { errorCode } from '../shared/errors.ts';
import { isLoopback } from '../stream/access.ts';
import type { ClientOptions } from './access_options.ts';
import { clientAccess } from './client_access.ts';
import { bodyOf } from './history.ts';
import { defaultDataDir } from './options.ts';
import { renderTable } from './table.ts';

const PROGRESS_AFTER_MS = 1_000;

export interface QueryOptions extends ClientOptions {
  url: string;
  format: 'table' | 'json' | 'csv';
  dataDir?: string;
}

/** Asks the running server, or the data directory when none runs or one was named, and prints the answer. */
export async function queryCommand(sql: string, options: QueryOptions): Promise<void> {
  const stopProgress = showProgress();
  try {
    const body = await ask(sql, options);
    stopProgress();
    print(body, options.format);
  } finally {
    stopProgress();
  }
}

async function ask(sql: string, options: QueryOptions): Promise<string> {
  const { url, format, dataDir } = options;
  const wire = format === 'csv' ? 'csv' : 'json';
  if (dataDir !== undefined) return text(bodyOf(await queryOffline(dataDir, sql, wire, warnOfDamage)));
  const accept = wire === 'csv' ? 'text/csv' : 'application/json';
  const { token, tls } = clientAccess(options);
  const base = baseUrl(url);
  try {
    return await postQuery(base, sql, accept, token, tls);
  } catch (error) {
    // What is recorded here is no answer for another machine.
    if (errorCode(error, 'INTERNAL') !== 'SERVER_UNREACHABLE' || !isLoopback(base.hostname)) throw error;
    return text(bodyOf(await queryOffline(defaultDataDir(process.env), sql, wire, warnOfDamage)));
  }
}

function warnOfDamage(files: readonly string[]): void {
  process.stderr.write(`left out, because they cannot be read: ${files.join(', ')}\n`);
}

function text(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

function print(body: string, format: QueryOptions['format']): void {
  if (format !== 'table') {
    process.stdout.write(body);
    return;
  }
  const result: QueryResult = JSON.parse(body);
  process.stdout.write(renderTable(result, process.stdout.isTTY ? process.stdout.columns : undefined));
  const more = result.truncated ? ' (there are more; add a LIMIT or aggregate)' : '';
  process.stderr.write(
    `${result.row_count} ${result.row_count === 1 ? 'row' : 'rows'} in ${result.elapsed_ms} ms${more}\n`,
  );
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

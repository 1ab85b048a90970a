import { serverCollectors, switchCollector as switchAt } from '../../client/collectors.ts';
import { postQuery, type QueryResult } from '../../client/query.ts';

/** Asks in SQL. @throws HzstatError with the server's own code and words */
export async function query(sql: string): Promise<QueryResult> {
  const body = await postQuery(new URL(location.origin), sql, {});
  const result: QueryResult = JSON.parse(body);
  return result;
}

/** Switches a collector on or off, and starts one that has not been. @throws HzstatError with the server's own words */
export function switchCollector(name: string, enabled: boolean): Promise<void> {
  return switchAt(new URL(location.origin), name, enabled, {});
}

/** Names of the collectors the server could start. @throws HzstatError with the server's own words */
export async function collectorsNotStarted(): Promise<string[]> {
  const collectors = await serverCollectors(new URL(location.origin), {});
  return collectors.filter(({ state }) => state === 'not_started').map(({ name }) => name);
}

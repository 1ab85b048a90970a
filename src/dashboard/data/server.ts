import { postQuery, type QueryResult } from '../../client/query.ts';

/** Asks in SQL. @throws HzstatError with the server's own code and words */
export async function query(sql: string): Promise<QueryResult> {
  const body = await postQuery(new URL(location.origin), sql, {});
  const result: QueryResult = JSON.parse(body);
  return result;
}

/** Switches a collector on or off. @throws Error with the server's own words */
export async function switchCollector(name: string, enabled: boolean): Promise<void> {
  const response = await fetch(`/collectors/${encodeURIComponent(name)}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ enabled }),
  });
  if (response.ok) return;
  const { error }: { error?: { message?: string } } = await response.json();
  throw new Error(error?.message ?? `the server answered with status ${response.status}`);
}

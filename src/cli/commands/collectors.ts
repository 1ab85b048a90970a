import { setTimeout as wait } from 'node:timers/promises';
import { HzstatError } from '../../base/errors.ts';
import { noSuch } from '../../base/nearest.ts';
import { type ServerCollector, serverCollectors, switchCollector } from '../../client/collectors.ts';
import { baseUrl } from '../../client/endpoint.ts';
import type { RequestAccess } from '../../client/request.ts';
import type { ClientOptions } from '../options/access_options.ts';
import type { Switch } from '../options/collector_switch.ts';
import { clientAccess } from './client_access.ts';
import { renderTable } from './table.ts';

/** What a collector that was switched on has to say of itself is waited for that long. */
const LONGEST_WARM_UP_MS = 3_000;
const LOOK_EVERY_MS = 50;
const COLUMNS = ['collector', 'state', 'message'].map((name) => ({ name, type: 'VARCHAR' }));

export interface CollectorsOptions extends ClientOptions {
  url: string;
  format: 'table' | 'json';
}

/**
 * Lists the collectors of a running server, or switches some of them and lists those.
 *
 * @throws HzstatError BAD_FLAG for a switch without a name, COLLECTOR_UNKNOWN, SERVER_*
 */
export async function collectorsCommand(
  to: Switch | undefined,
  names: readonly string[],
  options: CollectorsOptions,
): Promise<void> {
  const base = baseUrl(options.url);
  const access = clientAccess(options);
  if (to === undefined) return print(await serverCollectors(base, access), options);
  if (names.length === 0)
    throw new HzstatError(
      'BAD_FLAG',
      `say which collector: hzstat collectors ${to} NAME; "hzstat collectors" lists them`,
    );
  const known = (await serverCollectors(base, access)).map(({ name }) => name);
  // Before the first is switched.
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new HzstatError('COLLECTOR_UNKNOWN', noSuch('collector', unknown, known));
  for (const name of names) await switchCollector(base, name, to === 'on', access);
  print(await settled(base, access, names), options);
}

/** The collectors of these names, as soon as each has said how it fares. */
async function settled(
  base: URL,
  access: RequestAccess,
  names: readonly string[],
): Promise<ServerCollector[]> {
  const giveUpMs = performance.now() + LONGEST_WARM_UP_MS;
  for (;;) {
    const collectors = await serverCollectors(base, access);
    const found = collectors.filter(({ name }) => names.includes(name));
    const isWarmingUp = found.some(({ state }) => state === 'warming_up' || state === 'late');
    if (!isWarmingUp || performance.now() > giveUpMs) return found;
    await wait(LOOK_EVERY_MS);
  }
}

function print(collectors: readonly ServerCollector[], { format }: CollectorsOptions): void {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(collectors, undefined, 2)}\n`);
    return;
  }
  const rows = collectors.map(({ name, state, message = '' }) => [name, state.replaceAll('_', ' '), message]);
  const result = { columns: COLUMNS, rows, row_count: rows.length, truncated: false, elapsed_ms: 0 };
  process.stdout.write(renderTable(result, process.stdout.columns));
}

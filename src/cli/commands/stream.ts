import { HzstatClient } from '../../client/client.ts';
import type { ClientOptions } from '../options/access_options.ts';
import { clientAccess } from './client_access.ts';

export interface StreamOptions extends ClientOptions {
  url: string;
  count?: number;
  interval?: string;
  collectors?: string[];
  since?: string;
  aggregate?: 'mean' | 'minmax';
}

/** Prints the snapshots of a running server, one JSON object a line, until there were enough of them. */
export async function streamCommand(options: StreamOptions): Promise<void> {
  const { url, count = Number.POSITIVE_INFINITY, interval, collectors, since, aggregate } = options;
  const client = await HzstatClient.connect({
    url,
    ...(interval !== undefined && { interval }),
    ...(collectors !== undefined && { collectors }),
    ...(since !== undefined && { since }),
    ...(aggregate !== undefined && { aggregate }),
    ...clientAccess(options),
    onDropped: (dropped) => say(`${dropped} snapshots were dropped: this reader is too slow`),
    onGap: ({ message }) => say(message),
    onDisconnect: (reason, retryMs) => say(`${reason}; trying again in ${Math.ceil(retryMs / 100) / 10} s`),
  });
  const stop = (): void => client.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  let printed = 0;
  for await (const snapshot of client) {
    const taken = process.stdout.write(`${JSON.stringify(snapshot)}\n`);
    if (++printed >= count) break;
    if (!taken) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  client.close();
}

/** Notes go to stderr, so that stdout stays one object a line. */
function say(text: string): void {
  process.stderr.write(`hzstat: ${text}\n`);
}

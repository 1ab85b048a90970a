import { baseUrl } from '../../client/endpoint.ts';
import { putMark } from '../../client/incidents.ts';
import type { ClientOptions } from '../options/access_options.ts';
import { clientAccess } from './client_access.ts';

export interface MarkOptions extends ClientOptions {
  url: string;
  at?: string;
}

/** Puts a note on the time axis of a running server. @throws HzstatError BAD_REQUEST, HISTORY_DISABLED, SERVER_* */
export async function markCommand(text: string, options: MarkOptions): Promise<void> {
  const { url, at } = options;
  const wanted = at === undefined ? { text } : { text, timestamp: at };
  const mark = await putMark(baseUrl(url), wanted, clientAccess(options));
  process.stdout.write(`${mark.timestamp}  ${mark.text}\n`);
}

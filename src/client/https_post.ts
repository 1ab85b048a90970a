import { request } from 'node:https';
import type { Answer } from './query.ts';
import type { ClientTls } from './tls.ts';

/** Posts with client certificates or a private authority, which `fetch` cannot. Rejects with the connection's own error. */
export function httpsPost(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  tls: ClientTls,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false, ...tls }, (response) =>
      resolve({ status: response.statusCode ?? 0, body: response }),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

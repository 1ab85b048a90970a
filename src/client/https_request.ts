import { request } from 'node:https';
import type { Answer, ClientRequest } from './request.ts';
import type { ClientTls } from './tls.ts';

/** Asks with client certificates or a private authority, which `fetch` cannot. Rejects with the connection's own error. */
export function httpsRequest(
  url: URL,
  { method, headers, body }: ClientRequest,
  tls: ClientTls,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false, ...tls }, (response) =>
      resolve({ status: response.statusCode ?? 0, body: response }),
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

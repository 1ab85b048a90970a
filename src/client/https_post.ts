import { request } from 'node:https';
import type { ClientTls } from './tls.ts';

/** Posts with certificates of one's own, which `fetch` cannot. Rejects with the connection's own error. */
export function httpsPost(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  tls: ClientTls,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false, ...tls }, (response) => {
      const chunks: Uint8Array[] = [];
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { HzstatClient } from '../../../src/client/client.ts';
import { serverCollectors } from '../../../src/client/collectors.ts';
import { unreachable } from '../../../src/client/unreachable.ts';

async function listening(server: ReturnType<typeof createServer | typeof createTlsServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test.each([{ tls: undefined }, { tls: { ca: '' } }])(
  'https:// to a server without TLS says so: %j',
  async (access) => {
    const port = await listening(createServer((_, response) => response.end()));
    const message = `what answers at https://127.0.0.1:${port} does not speak TLS: ask it at http://127.0.0.1:${port}`;
    await expect(serverCollectors(new URL(`https://127.0.0.1:${port}`), access)).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message,
    });
    const url = `https://127.0.0.1:${port}`;
    await expect(HzstatClient.connect({ url, reconnect: false })).rejects.toMatchObject({ message });
  },
);

test('http:// to a server that speaks TLS asks whether it does', async () => {
  // Without a certificate every handshake fails, but what is no handshake fails the same way.
  const port = await listening(createTlsServer(() => {}));
  const url = `http://127.0.0.1:${port}`;
  const message = new RegExp(
    `^no hzstat answers at ${url} \\(.+\\); .*ask it at https://127\\.0\\.0\\.1:${port}$`,
  );
  await expect(serverCollectors(new URL(url), {})).rejects.toThrow(message);
  await expect(HzstatClient.connect({ url, reconnect: false })).rejects.toThrow(message);
});

test('where nobody answers, the remedy is to start a server', async () => {
  await expect(serverCollectors(new URL('http://127.0.0.1:9'), {})).rejects.toThrow(
    /"hzstat serve" starts one$/,
  );
});

test('whatever the reason is, it stays one line', () => {
  const { message } = unreachable(new URL('https://a:1'), new Error('one reason\n'));
  expect(message).toBe('no hzstat answers at https://a:1 (one reason); "hzstat serve" starts one');
});

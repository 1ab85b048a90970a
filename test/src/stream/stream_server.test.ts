import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { StreamServer } from '../../../src/stream/stream_server.ts';

const PING = 0x89;

/** A sampler that has nothing to say: what a connection hears comes from the server itself. */
const SILENT = { intervalMs: 3_600_000, latest: undefined, collectors: [], setEnabled: () => {} };

let server: StreamServer;
beforeEach(async () => {
  server = await StreamServer.start({
    listen: { host: '127.0.0.1', port: 0 },
    source: SILENT,
    version: '0',
    hostname: 'test',
    idleTimeoutS: 8,
  });
});
afterEach(() => server.close());

test('pings who says nothing, and cuts who does not answer', async () => {
  const alive = new WebSocket(`ws://127.0.0.1:${server.port}/stream`);
  const pinged = once(alive, 'ping');
  await once(alive, 'open');
  const dead = connect(server.port, '127.0.0.1');
  dead.write(
    `GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
  );
  const heard: Buffer[] = [];
  dead.on('data', (data: Buffer) => heard.push(data));
  await once(dead, 'close');
  expect(heard.at(-1)?.[0]).toBe(PING);
  await pinged;
  expect(alive.readyState).toBe(WebSocket.OPEN);
  alive.terminate();
});

test('takes a port for itself', async () => {
  await expect(
    StreamServer.start({
      listen: { host: '127.0.0.1', port: server.port },
      source: SILENT,
      version: '0',
      hostname: 'test',
    }),
  ).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE' });
});

test('answers a failure of its own without telling where its code lies', async () => {
  const broken = await StreamServer.start({
    listen: { host: '127.0.0.1', port: 0 },
    source: {
      ...SILENT,
      get latest(): never {
        throw new TypeError('cannot read /some/secret/place');
      },
    },
    version: '0',
    hostname: 'test',
  });
  const response = await fetch(`http://127.0.0.1:${broken.port}/snapshot`);
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    error: { code: 'INTERNAL', message: 'the server failed; its log says more' },
  });
  await broken.close();
});

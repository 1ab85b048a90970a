import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { FIELDS } from '../../../src/model/listing/fields.ts';
import { StreamServer, type StreamServerOptions } from '../../../src/server/stream_server.ts';
import { ENGINES } from '../../support/engines.ts';
import { ask, sendRaw } from '../../support/web.ts';

const PING = 0x89;

/** A sampler that has nothing to say: what a connection hears comes from the server itself. */
const SILENT = {
  intervalMs: 3_600_000,
  latest: undefined,
  collectors: [],
  setEnabled: () => {},
  drain: () => {},
  setPace: () => {},
};

const HOST = 'Host: 127.0.0.1\r\n';

describe.each(ENGINES)('with the engine $name', (engine) => {
  async function start(options: Partial<StreamServerOptions> = {}): Promise<StreamServer> {
    const server = await StreamServer.start({
      engine,
      listen: { host: '127.0.0.1', port: 0 },
      source: SILENT,
      version: '0',
      hostname: 'test',
      idleTimeoutS: 8,
      ...options,
    });
    onTestFinished(() => server.close());
    return server;
  }

  test('pings who says nothing, and cuts who does not answer', async () => {
    const server = await start();
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
    const server = await start();
    await expect(start({ listen: { host: '127.0.0.1', port: server.port } })).rejects.toMatchObject({
      code: 'PORT_UNAVAILABLE',
    });
  });

  test('answers a failure of its own without telling where its code lies', async () => {
    const broken = await start({
      source: {
        ...SILENT,
        get latest(): never {
          throw new TypeError('cannot read /some/secret/place');
        },
      },
    });
    const response = await fetch(`http://127.0.0.1:${broken.port}/snapshot`);
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({
      error: { code: 'INTERNAL', message: 'the server failed; its log says more' },
    });
  });

  test('answers HEAD as GET, without the body', async () => {
    const server = await start();
    const url = `http://127.0.0.1:${server.port}`;
    for (const path of ['/', '/collectors', '/nowhere', '/query']) {
      const [got, head] = await Promise.all([ask(`${url}${path}`), ask(`${url}${path}`, { method: 'HEAD' })]);
      expect(head.status).toBe(got.status);
      expect(head.headers['content-type']).toBe(got.headers['content-type']);
      expect(head.text).toBe('');
      if (got.status === 200)
        expect(head.headers['content-length']).toBe(String(Buffer.byteLength(got.text)));
    }
  });

  test('tells of every field', async () => {
    const server = await start();
    const answer = await ask(`http://127.0.0.1:${server.port}/fields`);
    expect(JSON.parse(answer.text)).toEqual(FIELDS);
  });

  test('has a code for more headers than it reads', async () => {
    const server = await start();
    const headers = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`x-${i}`, '1']));
    const answer = await ask(`http://127.0.0.1:${server.port}/collectors`, { headers });
    expect(answer).toMatchObject({ status: 431, code: 'HEADERS_TOO_LARGE' });
  });

  // docs/engines.md tells of these; where nothing is expected the connection is cut without an answer.
  test('answers requests that are out of the ordinary, or cuts them', async () => {
    const server = await start();
    const get = (version: string, headers: string): string =>
      `GET /collectors HTTP/${version}\r\nConnection: close\r\n${headers}\r\n`;
    const many = Array.from({ length: 150 }, (_, i) => `X-${i}: 1\r\n`).join('');
    const requests: readonly [request: string, uws: number | undefined, node: number][] = [
      [get('1.0', HOST), 505, 200],
      [get('1.0', ''), 505, 200],
      [get('1.1', ''), 400, 400],
      [get('1.1', HOST).replace('/coll', '/co\0ll'), 505, 400],
      [get('1.1', `${HOST}X: a\0b\r\n`), undefined, 400],
      [get('1.1', `${HOST}X: a\r\n b\r\n`), undefined, 400],
      [get('1.1', `${HOST}${many}`), undefined, 431],
    ];
    const answers = await Promise.all(
      requests.map(([request]) => sendRaw(`http://127.0.0.1:${server.port}`, request)),
    );
    const statuses = answers.map((answer) => /^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);
    expect(statuses).toEqual(
      requests.map(([, uws, node]) => (engine.name === 'uws' ? uws : node)?.toString()),
    );
    if (engine.name === 'uws') return;
    for (const answer of answers) {
      if (!answer.startsWith('HTTP/1.1 200'))
        expect(answer).toMatch(/"code":"(BAD_REQUEST|HEADERS_TOO_LARGE)"/);
    }
  });

  // uWebSockets.js takes what is no mask for one.
  test.skipIf(engine.name === 'uws')('tells a client whose frames are not masked', async () => {
    const server = await start();
    const request = `GET /stream HTTP/1.1\r\n${HOST}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`;
    const unmasked = Buffer.from([0x81, 0x05, ...Buffer.from('hello')]);
    const bytes = Buffer.concat([Buffer.from(request), unmasked]);
    const answer = Buffer.from(await sendRaw(`http://127.0.0.1:${server.port}`, bytes, 20_000), 'latin1');
    // A close frame that says protocol error.
    expect(answer.subarray(-4)).toEqual(Buffer.from([0x88, 0x02, 0x03, 0xea]));
  });
});

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type {
  Address,
  EngineSocket,
  Exchange,
  Listener,
  ListenOptions,
  ServerHandlers,
  SocketListener,
  Upgrade,
} from '../../../../src/server/engine/engine.ts';
import { readTlsFiles } from '../../../../src/server/engine/tls_files.ts';
import { addressGroups } from '../../../../src/server/limits/peer.ts';
import { Certificates, HAS_OPENSSL } from '../../../support/certificates.ts';
import { ENGINES } from '../../../support/engines.ts';
import { skipUnless } from '../../../support/skip.ts';
import { sendRaw } from '../../../support/web.ts';

const LOOPBACK: Address = { host: '127.0.0.1', port: 0 };
const MOST_MESSAGE_BYTES = 64 * 1024;
const MIB = 1_048_576;
const PLAIN = { status: 200, headers: [], closes: false } as const;

/** Bounds every wait for something that happens in the server. */
function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 5 });
}

/** A server whose connections are counted. */
interface Counted {
  readonly listener: Listener;
  readonly url: string;
  readonly counts: { opened: number; closed: number };
}

/** What a socket of the server heard. */
class Heard implements SocketListener {
  readonly messages: { text: string; isBinary: boolean }[] = [];
  readonly pings: string[] = [];
  drains = 0;
  ends = 0;
  readonly socket: EngineSocket;

  constructor(socket: EngineSocket) {
    this.socket = socket;
  }

  message(data: Uint8Array, isBinary: boolean): void {
    this.messages.push({ text: Buffer.from(data).toString(), isBinary });
  }

  ping(data: Uint8Array): void {
    this.pings.push(Buffer.from(data).toString());
  }

  drained(): void {
    this.drains++;
  }

  closed(): void {
    this.ends++;
  }
}

describe.each(ENGINES)('the engine $name', (engine) => {
  async function listen(
    handlers: Partial<ServerHandlers>,
    options: Partial<ListenOptions> = {},
    at: Address = LOOPBACK,
  ): Promise<Counted> {
    const counts = { opened: 0, closed: 0 };
    const listener = await engine.listen(
      at,
      {
        connected: () => {
          counts.opened++;
          return true;
        },
        disconnected: () => {
          counts.closed++;
        },
        request: (exchange) => exchange.respond({ ...PLAIN, status: 404 }, ''),
        upgrade: (upgrade) => upgrade.respond({ ...PLAIN, status: 404 }, ''),
        ...handlers,
      },
      { tls: undefined, idleTimeoutS: 60, mostMessageBytes: MOST_MESSAGE_BYTES, ...options },
    );
    onTestFinished(() => listener.close());
    const scheme = options.tls === undefined ? 'http' : 'https';
    return { listener, url: `${scheme}://127.0.0.1:${listener.port}`, counts };
  }

  /** A server that takes every handshake, and what its sockets hear. */
  async function listenForStreams(
    options: Partial<ListenOptions> = {},
  ): Promise<Counted & { heard: Heard[] }> {
    const heard: Heard[] = [];
    const upgrade = (handshake: Upgrade): void =>
      handshake.accept('', (socket) => {
        const listener = new Heard(socket);
        heard.push(listener);
        return listener;
      });
    return { ...(await listen({ upgrade }, options)), heard };
  }

  async function openStream(url: string, options: ClientOptions = {}): Promise<WebSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`, options);
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    return socket;
  }

  async function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
    const [code, reason]: unknown[] = await once(socket, 'close');
    return { code: Number(code), reason: String(reason) };
  }

  function requestRaw(
    url: string,
    options: Parameters<typeof requestHttp>[1] = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      requestHttp(url, { agent: false, ...options }, resolve)
        .on('error', reject)
        .end();
    });
  }

  describe('of a request', () => {
    test('tells method, path, query, address and every header as often as it came', async () => {
      const seen: object[] = [];
      const { url } = await listen({
        request(exchange) {
          const headers: string[] = [];
          exchange.forEachHeader((name, value) => headers.push(`${name}: ${value}`));
          const { method, path, query, address, version } = exchange;
          seen.push({ method, path, query, address, version, headers });
          exchange.respond(PLAIN, 'ok');
        },
      });
      const { host } = new URL(url);
      await sendRaw(url, `PUT /a%20b?c=d&e HTTP/1.1\r\nHost: ${host}\r\nX-Two: 1\r\nx-two: 2\r\n\r\n`, 200);
      expect(seen).toEqual([
        {
          method: 'PUT',
          path: '/a%20b',
          query: 'c=d&e',
          address: expect.stringContaining('127.0.0.1'),
          version: '1.1',
          headers: [`host: ${host}`, 'x-two: 1', 'x-two: 2'],
        },
      ]);
    });

    test.each([0, 5, 3 * MIB])('hands over a body of %d bytes', async (bytes) => {
      const { url } = await listen({ request: (exchange) => void echoLength(exchange) });
      const response = await fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
      expect(await response.text()).toBe(String(bytes));
    });

    test('that comes along with a wish for another protocol hands over the body all the same', async () => {
      const { url } = await listen({ request: (exchange) => void echoLength(exchange) });
      const head = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n';
      const answer = await sendRaw(url, `${head}Content-Length: 5\r\n\r\nhello`, 1_000);
      expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\n5$/s);
    });

    test('on a connection kept open is answered like the first', async () => {
      const { url, counts } = await listen({ request: (exchange) => exchange.respond(PLAIN, exchange.path) });
      const head = 'HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
      const answer = await sendRaw(url, `GET /one ${head}GET /two ${head}`, 300);
      expect(answer.match(/\/(one|two)/g)).toEqual(['/one', '/two']);
      expect(counts.opened).toBe(1);
    });
  });

  describe('answers', () => {
    test('with status, headers and body', async () => {
      const headers = [
        ['X-Two', '1'],
        ['X-Two', '2'],
      ] as const;
      const { url } = await listen({
        request: (exchange) => exchange.respond({ status: 429, headers, closes: true }, 'no'),
      });
      const response = await requestRaw(url);
      expect(response.statusCode).toBe(429);
      expect(response.headers).toMatchObject({ 'x-two': '1, 2', 'content-length': '2' });
      expect(await text(response)).toBe('no');
      const request = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
      expect(await sendRaw(url, request)).toContain('Connection: close\r\n');
    });

    test('HEAD without the body, and with its length', async () => {
      const { url } = await listen({ request: (exchange) => exchange.respond(PLAIN, 'länger') });
      const response = await requestRaw(url, { method: 'HEAD' });
      expect(response.headers['content-length']).toBe('7');
      expect(await text(response)).toBe('');
    });

    test.each([1_000, 100_000, MIB])(
      'in pieces of %d bytes that wait for the client, and arrive as they were sent',
      async (bytes) => {
        const count = Math.ceil((48 * MIB) / bytes);
        let written = 0;
        const { url } = await listen({
          request(exchange) {
            void (async () => {
              const body = exchange.begin(PLAIN);
              for (; written < count; written++) await body.write(new Uint8Array(bytes).fill(written));
              body.finish();
            })();
          },
        });
        const response = await requestRaw(url);
        response.pause();
        await until(() => expect(written).toBeGreaterThan(0));
        // What the buffers of two kernels' ends hold is far less than all of it.
        await expect(vi.waitFor(() => expect(written).toBe(count), { timeout: 500 })).rejects.toThrow();
        let received = 0;
        let wrong = 0;
        for await (const chunk of response as AsyncIterable<Buffer>) {
          for (const byte of chunk) if (byte !== (Math.floor(received++ / bytes) & 0xff)) wrong++;
        }
        expect({ received, wrong }).toEqual({ received: count * bytes, wrong: 0 });
      },
    );

    test('in pieces a client that pauses for longer than a request may take', async () => {
      const { url } = await listen({
        request(exchange) {
          void (async () => {
            const body = exchange.begin(PLAIN);
            for (let i = 0; i < 32; i++) await body.write(new Uint8Array(MIB));
            body.finish();
          })();
        },
      });
      const response = await requestRaw(url);
      response.pause();
      const pause = new AbortController();
      response.once('close', () => pause.abort());
      await delay(13_000, undefined, { signal: pause.signal });
      let received = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) received += chunk.length;
      expect(received).toBe(32 * MIB);
    });

    test('so that a part is not taken for the whole', async () => {
      const { url } = await listen({
        request(exchange) {
          const body = exchange.begin(PLAIN);
          void body.write(Buffer.from('a part'));
          setImmediate(() => body.cut());
        },
      });
      const response = await requestRaw(url);
      await expect(text(response)).rejects.toThrow(/aborted|ECONNRESET/);
    });

    test('nobody who has gone, and is told so once', async () => {
      let aborted = 0;
      let answered = 0;
      const { url } = await listen({
        request(exchange) {
          exchange.onAborted(() => {
            aborted++;
          });
          if (exchange.path === '/now') {
            answered++;
            exchange.respond(PLAIN, '');
          }
        },
      });
      await (await fetch(`${url}/now`)).text();
      const { hostname, port } = new URL(url);
      const impatient = connect(Number(port), hostname);
      impatient.write('GET /later HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
      await once(impatient, 'connect');
      impatient.end();
      await until(() => expect({ aborted, answered }).toEqual({ aborted: 1, answered: 1 }));
    });
  });

  describe('counts connections', () => {
    test('of requests and of streams once each, also those it was told to cut', async () => {
      let welcome = true;
      const counts = { opened: 0, closed: 0 };
      const { url } = await listen({
        connected() {
          counts.opened++;
          return welcome;
        },
        disconnected() {
          counts.closed++;
        },
        upgrade: (handshake) => handshake.accept('', (socket) => new Heard(socket)),
      });
      await text(await requestRaw(url));
      const stream = await openStream(url);
      const closed = closing(stream);
      stream.close();
      await closed;
      (await openStream(url)).terminate();
      welcome = false;
      await expect(requestRaw(url)).rejects.toThrow();
      await until(() => expect(counts).toEqual({ opened: 4, closed: 4 }));
    });
  });

  describe('of a stream', () => {
    test('hands over messages and pings, and sends texts, bytes and lengths of every kind', async () => {
      const { url, heard } = await listenForStreams();
      const client = await openStream(url);
      client.send('täxt');
      client.send(Buffer.from('bytes'));
      client.ping('are you there?');
      client.send('x'.repeat(MOST_MESSAGE_BYTES - 1));
      await until(() => expect(heard[0]?.messages).toHaveLength(3));
      expect(heard[0]?.messages.slice(0, 2)).toEqual([
        { text: 'täxt', isBinary: false },
        { text: 'bytes', isBinary: true },
      ]);
      expect(heard[0]?.pings).toEqual(['are you there?']);
      const received: { length: number; isBinary: boolean }[] = [];
      client.on('message', (data: Buffer, isBinary) => received.push({ length: data.length, isBinary }));
      const { socket } = heard[0]!;
      const lengths = [0, 1, 125, 126, 65_535, 65_536, MIB];
      socket.cork(() => {
        for (const length of lengths) socket.send(new Uint8Array(length));
        for (const length of lengths) socket.send('ä'.repeat(length / 2));
      });
      await until(() => expect(received).toHaveLength(2 * lengths.length));
      expect(received).toEqual([
        ...lengths.map((length) => ({ length, isBinary: true })),
        ...lengths.map((length) => ({ length: 2 * Math.floor(length / 2), isBinary: false })),
      ]);
    });

    test('sends the same message to many clients alike', async () => {
      const { url, heard } = await listenForStreams();
      const clients = await Promise.all(Array.from({ length: 5 }, () => openStream(url)));
      const received = clients.map((client) => once(client, 'message'));
      await until(() => expect(heard).toHaveLength(5));
      const message = Buffer.from('for everybody');
      for (const { socket } of heard) socket.send(message);
      for (const [data] of await Promise.all(received)) expect(String(data)).toBe('for everybody');
    });

    test('knows what its client has not taken, and says when it has', async () => {
      const { url, heard } = await listenForStreams();
      const client = await openStream(url);
      await until(() => expect(heard).toHaveLength(1));
      const [listener] = heard;
      client.pause();
      let sent = 0;
      while (listener!.socket.bufferedBytes < MIB && sent < 100) {
        listener!.socket.send(new Uint8Array(MIB));
        sent++;
      }
      expect(listener!.socket.bufferedBytes).toBeGreaterThanOrEqual(MIB);
      let received = 0;
      client.on('message', () => {
        received++;
      });
      client.resume();
      await until(() =>
        expect({ received, buffered: listener!.socket.bufferedBytes }).toEqual({
          received: sent,
          buffered: 0,
        }),
      );
      expect(listener!.drains).toBeGreaterThan(0);
    });

    test('ends it behind what was sent, with code and reason, and says so at once and once', async () => {
      const { url, heard } = await listenForStreams();
      const client = await openStream(url);
      await until(() => expect(heard).toHaveLength(1));
      const received: string[] = [];
      client.on('message', (data) => received.push(String(data)));
      const closed = closing(client);
      const [listener] = heard;
      listener!.socket.send('the last word');
      listener!.socket.end(4_008, 'nothing was read');
      expect(listener!.ends).toBe(1);
      expect(await closed).toEqual({ code: 4_008, reason: 'nothing was read' });
      expect(received).toEqual(['the last word']);
      expect(listener!.ends).toBe(1);
    });

    test('cuts it when a message is larger than what is read', async () => {
      const { url, heard, counts } = await listenForStreams();
      const client = await openStream(url);
      client.on('error', () => {});
      const closed = closing(client);
      client.send('x'.repeat(2 * MOST_MESSAGE_BYTES));
      expect((await closed).code).toBe(1_006);
      await until(() => expect(counts.closed).toBe(1));
      expect(heard[0]?.messages).toEqual([]);
      expect(heard[0]?.ends).toBe(1);
    });

    test('answers a handshake that is refused like a request', async () => {
      const headers = [['Retry-After', '5']] as const;
      const { url } = await listen({
        upgrade: (handshake) => handshake.respond({ status: 429, headers, closes: false }, 'too many'),
      });
      const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`);
      const [, response]: [unknown, IncomingMessage] = (await once(socket, 'unexpected-response')) as [
        unknown,
        IncomingMessage,
      ];
      expect(response.statusCode).toBe(429);
      expect(response.headers['retry-after']).toBe('5');
      expect(await text(response)).toBe('too many');
    });

    test('agrees on the subprotocol it is told', async () => {
      const { url } = await listen({
        upgrade: (handshake) => handshake.accept('second', (socket) => new Heard(socket)),
      });
      const socket = new WebSocket(`${url.replace('http', 'ws')}/stream`, ['first', 'second']);
      onTestFinished(() => socket.terminate());
      await once(socket, 'open');
      expect(socket.protocol).toBe('second');
    });

    test.each([
      ['a key that is none', 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n'],
      ['no key', 'Sec-WebSocket-Version: 13\r\n'],
    ])('takes a handshake with %s for a request', async (_, lines) => {
      const { url } = await listen({
        request: (exchange) => exchange.respond({ ...PLAIN, status: 426 }, ''),
      });
      const head = 'GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
      expect(await sendRaw(url, `${head}${lines}\r\n`, 500)).toMatch(/^HTTP\/1\.1 426 /);
    });
  });

  describe('on a Unix socket', () => {
    function place(): { path: string } {
      const directory = mkdtempSync(join(tmpdir(), 'hzstat-socket-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      return { path: join(directory, 'web.sock') };
    }

    test('serves its owner and group, and leaves no file behind', async () => {
      const at = place();
      const { listener } = await listen(
        { request: (exchange) => exchange.respond(PLAIN, `from "${exchange.address}"`) },
        {},
        at,
      );
      expect(statSync(at.path).mode & 0o777).toBe(0o660);
      const response = await requestRaw('http://localhost/', { socketPath: at.path });
      expect(await text(response)).toBe('from ""');
      await listener.close();
      expect(existsSync(at.path)).toBe(false);
    });

    test('takes the place of a server that was killed, but not of one that runs or of a file', async () => {
      const at = place();
      writeFileSync(at.path, 'precious');
      await expect(listen({}, {}, at)).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE' });
      rmSync(at.path);
      const other = createServer();
      other.listen(at.path);
      await once(other, 'listening');
      await expect(listen({}, {}, at)).rejects.toMatchObject({ code: 'PORT_UNAVAILABLE' });
      // The file of a server that is closed without removing it.
      const stale = `${at.path}.stale`;
      leaveStaleSocket(stale);
      other.close();
      await listen({}, {}, { path: stale });
    });
  });

  describe.skipIf(skipUnless('openssl', HAS_OPENSSL))('over TLS', () => {
    test('lets in who shows a certificate, and nobody else, and knows where they come from', async () => {
      const certificates = new Certificates();
      onTestFinished(() => certificates.remove());
      const tls = readTlsFiles({
        cert: certificates.path('server.pem'),
        key: certificates.path('server.key'),
        clientCa: certificates.path('ca.pem'),
      });
      const seen: string[] = [];
      const { url, counts } = await listen(
        {
          upgrade(handshake) {
            seen.push(handshake.address);
            handshake.accept('', (socket) => new Heard(socket));
          },
        },
        { tls },
      );
      const stranger = new WebSocket(`${url.replace('http', 'ws')}/stream`, certificates.client());
      await once(stranger, 'error');
      (await openStream(url, certificates.client('client'))).terminate();
      expect(seen.map((address) => addressGroups(address)?.slice(5))).toEqual([[0xff_ff, 0x7f_00, 1]]);
      await until(() => expect(counts).toEqual({ opened: 2, closed: 2 }));
    });
  });
});

/** Answers with how many bytes the body had. */
function echoLength(exchange: Exchange): void {
  let length = 0;
  exchange.onBody((chunk, isLast) => {
    length += chunk.length;
    if (isLast) exchange.respond(PLAIN, String(length));
  });
}

/** The file of a Unix socket nobody listens on any more. */
function leaveStaleSocket(path: string): void {
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', program]);
}

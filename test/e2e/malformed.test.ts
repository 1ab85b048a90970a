import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestClient, TestServer } from '../support/server.ts';
import { ask, sendRaw } from '../support/web.ts';

const RUNS = 150;
/** How long a connection that was sent rubbish is listened to. */
const PATIENCE_MS = 15;

let server: TestServer;
let onlooker: TestClient;
beforeAll(async () => {
  server = await TestServer.start(['--collectors', 'memory', '--interval', '20ms']);
  onlooker = server.connect();
  await onlooker.take(1);
});

/** Whatever came before: the server runs, says so, has told nobody where its code lies, and missed no beat. */
afterAll(async () => {
  expect(await server.json('/health')).toMatchObject({ status: 'ok' });
  const sequences = onlooker.snapshots.map(({ sequence }) => sequence);
  await onlooker.take(sequences.length + 5);
  expect(sequences).toEqual(sequences.map((_, index) => sequences[0]! + index));
  expect(server.stderr).not.toMatch(LEAK);
  onlooker.close();
  expect(await server.stop()).toBe(0);
});

/** Stack traces and places in the file system. */
const LEAK = /\bat .*:\d+:\d+|node_modules|\/src\/|\/dist\/|Error:/;

const methods = fc.constantFrom(
  'GET',
  'POST',
  'PATCH',
  'PUT',
  'DELETE',
  'OPTIONS',
  'HEAD',
  'TRACE',
  'G\0T',
  '',
);
const paths = fc.oneof(
  fc.constantFrom(
    '/',
    '/stream',
    '/snapshot',
    '/metrics',
    '/query',
    '/collectors/memory',
    '/health',
    '*',
    '//',
    '/%00',
    '/%',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const headerLines = fc.array(
  fc.oneof(
    fc.constantFrom(
      'Host: 127.0.0.1',
      'Host:',
      'Content-Length: 5',
      'Content-Length: -1',
      'Content-Length: 99999999999999999999',
      'Content-Length: 5\r\nContent-Length: 6',
      'Transfer-Encoding: chunked',
      'Transfer-Encoding: gzip',
      'Expect: 100-continue',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: x',
      'Sec-WebSocket-Version: 13',
      'Authorization: Bearer',
      ' folded',
      ': no name',
    ),
    fc.string({ unit: 'binary', maxLength: 100 }),
  ),
  { maxLength: 12 },
);
const bodies = fc.oneof(
  fc.constantFrom('', '5\r\nhello\r\n0\r\n\r\n', 'FFFFFFFFFFFFFFFF\r\n', '-1\r\n', '{"enabled":', 'hello'),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const lineEnds = fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n');

describe('malformed HTTP', () => {
  test('made of pieces of HTTP gets an error, or nothing', async () => {
    const requests = fc.tuple(
      methods,
      paths,
      headerLines,
      bodies,
      lineEnds,
      fc.constantFrom('1.1', '1.0', '9'),
    );
    await fc.assert(
      fc.asyncProperty(requests, async ([method, path, headers, body, end, version]) => {
        const request = [`${method} ${path} HTTP/${version}`, ...headers, '', body].join(end);
        const answer = await sendRaw(server.url, Buffer.from(request, 'latin1'), PATIENCE_MS);
        expect(answer).not.toMatch(LEAK);
        expect(answer === '' || answer.startsWith('HTTP/1.1 ')).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test('made of any bytes gets an error, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (bytes) => {
        const answer = await sendRaw(server.url, bytes, PATIENCE_MS);
        expect(answer).not.toMatch(LEAK);
        expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
      }),
      { numRuns: RUNS },
    );
  });

  test('is no way out of the routes', async () => {
    const up = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '..%2f',
      '%2e%2e%2f',
      '..\\',
      '%5c..',
      '....//',
      '..;',
      '%c0%ae',
    );
    const targets = fc.constantFrom('etc/passwd', 'package.json', 'proc/self/environ', 'src/cli/main.ts', '');
    await fc.assert(
      fc.asyncProperty(fc.array(up, { minLength: 1, maxLength: 8 }), targets, async (steps, target) => {
        const path = `/${steps.join('/')}/${target}`;
        const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`;
        const answer = await sendRaw(server.url, request, 2_000);
        expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
        expect(answer).not.toMatch(/root:|"dependencies"|PATH=/);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('malformed JSON and SQL bodies', () => {
  test('get an error with a code', async () => {
    const values = fc.oneof(fc.json(), fc.string({ unit: 'binary', maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(values, async (body) => {
        const answer = await ask(`${server.url}/collectors/nothing`, { method: 'PATCH', body });
        expect([400, 404]).toContain(answer.status);
        expect(answer.code).toMatch(/^(BAD_REQUEST|COLLECTOR_UNKNOWN)$/);
        expect(answer.text).not.toMatch(LEAK);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('malformed WebSocket frames', () => {
  /** Opens a stream by hand, sends bytes into it, and reads until the server hangs up or patience ends. */
  async function intoStream(bytes: Uint8Array): Promise<Buffer> {
    const { hostname, port, host } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => {});
    const received: Buffer[] = [];
    socket.write(
      `GET /stream HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    const [first]: Buffer[] = await once(socket, 'data');
    expect(first?.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
    socket.on('data', (data: Buffer) => received.push(data));
    socket.write(bytes);
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    const enough = setTimeout(() => socket.destroy(), 4 * PATIENCE_MS);
    await once(socket, 'close');
    clearTimeout(enough);
    return Buffer.concat(received);
  }

  const frames = fc.record({
    first: fc.integer({ min: 0, max: 255 }),
    isMasked: fc.boolean(),
    length: fc.oneof(
      fc.integer({ min: 0, max: 130 }),
      fc.constantFrom(16_385, 65_535, 65_536, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
    ),
    payload: fc.uint8Array({ maxLength: 200 }),
  });

  function frameBytes({
    first,
    isMasked,
    length,
    payload,
  }: typeof frames extends fc.Arbitrary<infer T> ? T : never) {
    const mask = isMasked ? 0x80 : 0;
    const head = [first];
    if (length < 126) head.push(mask | length);
    else if (length < 65_536) head.push(mask | 126, length >> 8, length & 0xff);
    else {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(length));
      head.push(mask | 127, ...bytes);
    }
    if (isMasked) head.push(1, 2, 3, 4);
    return Buffer.from([...head, ...payload]);
  }

  test('made of pieces of frames end the connection, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 5 }), async (sequence) => {
        const received = await intoStream(Buffer.concat(sequence.map(frameBytes)));
        expect(received.toString('latin1')).not.toMatch(LEAK);
      }),
      { numRuns: RUNS },
    );
  });

  test('made of any bytes end the connection, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        expect((await intoStream(bytes)).toString('latin1')).not.toMatch(LEAK);
      }),
      { numRuns: RUNS },
    );
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SampleBatch } from '../../../../src/forward/encoding/sample_batch.ts';
import { SeriesRegistry } from '../../../../src/forward/encoding/series_registry.ts';
import { snappyBlock } from '../../../../src/forward/encoding/snappy.ts';
import { WriteRequestEncoder } from '../../../../src/forward/encoding/write_request.ts';
import { Receiver, retryAfterMs } from '../../../../src/forward/sending/receiver.ts';
import { RetryDelay } from '../../../../src/forward/sending/retry_delay.ts';
import type { RemoteWriteSettings } from '../../../../src/forward/sending/settings.ts';
import { labelsOf } from '../../../../src/series/labels.ts';
import { Certificates, HAS_OPENSSL } from '../../../support/certificates.ts';
import { type Answer, TestReceiver } from '../../../support/receiver.ts';
import { skipUnless } from '../../../support/skip.ts';

const withoutOpenssl = skipUnless('openssl', HAS_OPENSSL);
const directory = mkdtempSync(join(tmpdir(), 'hzstat-receiver-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function settings(overrides: Partial<RemoteWriteSettings> = {}): RemoteWriteSettings {
  return {
    urls: [],
    intervalMs: 1_000,
    full: [],
    labels: { host: 'h' },
    user: undefined,
    passwordFile: undefined,
    tokenFile: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    headers: [],
    dataDir: undefined,
    keptBytes: 0,
    version: '1.2.3',
    ...overrides,
  };
}

function body(): Uint8Array {
  const registry = new SeriesRegistry({ host: 'h' });
  const batch = new SampleBatch();
  batch.at(Date.UTC(2026, 0, 5));
  batch.add(registry.numberOf('hzstat_a', labelsOf({})), 1);
  return snappyBlock(new WriteRequestEncoder().encode(batch, registry.encoded));
}

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

let server: TestReceiver | undefined;
let receiver: Receiver | undefined;
afterEach(async () => {
  receiver?.close();
  await server?.stop();
});

async function answered(answer: Answer, overrides: Partial<RemoteWriteSettings> = {}) {
  server = await TestReceiver.start(() => answer);
  receiver = new Receiver(server.url, settings(overrides));
  return receiver.send(body());
}

describe('an answer', () => {
  test.each([
    [{ status: 200 }, { kind: 'accepted' }],
    [{ status: 204 }, { kind: 'accepted' }],
    [
      { status: 400, text: 'out of\n  order' },
      { kind: 'refused', message: 'it answers 400 (out of order)' },
    ],
    [{ status: 404 }, { kind: 'refused', message: 'it answers 404' }],
    [{ status: 401 }, { kind: 'refused', message: 'it answers 401' }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { kind: 'busy', message: 'it answers 429', afterMs: 7_000 },
    ],
    [
      { status: 500, text: 'x'.repeat(1e6) },
      { kind: 'away', message: `it answers 500 (${'x'.repeat(200)})` },
    ],
    [
      { status: 503, headers: { 'retry-after': 'soon' } },
      { kind: 'away', message: 'it answers 503' },
    ],
    [
      { status: 302, headers: { location: '/' } },
      { kind: 'away', message: 'it answers 302' },
    ],
  ])('%j means %j', async (answer, outcome) => {
    expect(await answered(answer)).toEqual(outcome);
  });

  test('may say until when with a date', () => {
    const now = Date.UTC(2026, 0, 5);
    expect(retryAfterMs('Mon, 05 Jan 2026 00:00:09 GMT', now)).toBe(9_000);
    expect(retryAfterMs('Mon, 05 Jan 2026 00:00:00 GMT', now + 5_000)).toBe(0);
    expect(retryAfterMs(undefined)).toBeUndefined();
  });
});

test('nobody there is somebody who is away', async () => {
  server = await TestReceiver.start();
  const { url } = server;
  await server.stop();
  server = undefined;
  receiver = new Receiver(url, settings());
  expect(await receiver.send(body())).toMatchObject({
    kind: 'away',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('a connection that was closed meanwhile costs nothing', async () => {
  server = await TestReceiver.start(() => ({ status: 204 }));
  receiver = new Receiver(server.url, settings());
  expect(await receiver.send(body())).toEqual({ kind: 'accepted' });
  server.closeConnections();
  expect(await receiver.send(body())).toEqual({ kind: 'accepted' });
  expect(server.requests).toHaveLength(2);
});

describe('a request', () => {
  test('says what it is', async () => {
    await answered({ status: 204 }, { headers: [['X-Scope-OrgID', 'tenant-1']] });
    expect(server?.requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      'user-agent': 'hzstat/1.2.3',
      'x-scope-orgid': 'tenant-1',
    });
    expect(server?.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('has a user and a password', async () => {
    const passwordFile = file('password', 'secret word\n');
    await answered({ status: 204 }, { user: 'hzstat', passwordFile });
    expect(server?.requests[0]?.headers.authorization).toBe(`Basic ${btoa('hzstat:secret word')}`);
  });

  test('has a token, and the new one once it was replaced', async () => {
    const tokenFile = file('token', 'first');
    await answered({ status: 204 }, { tokenFile });
    file('token', 'second');
    await receiver?.send(body());
    expect(server?.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first',
      'Bearer second',
    ]);
  });

  test('waits for a token that is gone', async () => {
    expect(await answered({ status: 204 }, { tokenFile: join(directory, 'none') })).toMatchObject({
      kind: 'away',
      message: expect.stringContaining('cannot read'),
    });
  });
});

describe.skipIf(withoutOpenssl)('by TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = new Certificates();
  });
  afterAll(() => certificates.remove());

  async function sent(overrides: Partial<RemoteWriteSettings>, requestCert = false) {
    const { cert, key } = certificates.pair('server');
    const ca = certificates.client().ca as string;
    const mutual = requestCert ? { ca, requestCert, rejectUnauthorized: true } : {};
    server = await TestReceiver.start(() => ({ status: 204 }), { cert, key, ...mutual });
    receiver = new Receiver(server.url, settings(overrides));
    return receiver.send(body());
  }

  test('a receiver nobody vouches for is not sent to', async () => {
    expect(await sent({})).toMatchObject({ kind: 'away', message: expect.stringContaining('certificate') });
    expect(server?.requests).toEqual([]);
  });

  test('one whose authority is known is', async () => {
    expect(await sent({ ca: certificates.path('ca.pem') })).toEqual({ kind: 'accepted' });
  });

  test('one that asks who is there is told', async () => {
    const shown = { cert: certificates.path('client.pem'), key: certificates.path('client.key') };
    expect(await sent({ ca: certificates.path('ca.pem'), ...shown }, true)).toEqual({ kind: 'accepted' });
    await server?.stop();
    expect(await sent({ ca: certificates.path('ca.pem') }, true)).toMatchObject({ kind: 'away' });
  });
});

test('delays grow to ten seconds, and are no shorter than asked for, within reason', () => {
  const delay = new RetryDelay();
  const delays = Array.from({ length: 10 }, () => delay.next());
  expect(delays[0]).toBeLessThan(700);
  expect(Math.max(...delays)).toBeLessThanOrEqual(12_500);
  expect(delays.at(-1)).toBeGreaterThanOrEqual(7_500);
  expect(delay.next(30_000)).toBe(30_000);
  expect(delay.next(1e9)).toBe(120_000);
  delay.reset();
  expect(delay.next()).toBeLessThan(700);
});

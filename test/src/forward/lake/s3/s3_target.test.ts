import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Pacer } from '../../../../../src/forward/lake/pacer.ts';
import { S3Target } from '../../../../../src/forward/lake/s3/s3_target.ts';
import { UploadFailure } from '../../../../../src/forward/lake/target.ts';

const SECRET = 'a secret';
const REGION = 'eu-north-1';
const folder = mkdtempSync(join(tmpdir(), 'hzstat-s3-target-'));
const source = join(folder, 'file.parquet');
const content = Buffer.alloc(200_000, 'PAR1 and so on ');
writeFileSync(source, content);
const FILE = { source, bytes: content.length, sha256: sha256(content) };
const PATH = 'table=cpu/date=2026-11-26/host=a%2Fb+ü/20261126T1000Z-1h.parquet';

/** What the server says to requests one after another; without any more it keeps objects. */
let answers: { status: number; headers?: Record<string, string>; body?: string }[] = [];
const objects = new Map<string, { body: Buffer; sha256: string }>();
const seen: string[] = [];
let server: Server;
let target: S3Target;

beforeAll(async () => {
  server = createServer(
    (request, response) =>
      void answer(request).then((reply) => {
        response.writeHead(reply.status, reply.headers).end(request.method === 'HEAD' ? '' : reply.body);
      }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  const { port } = server.address() as AddressInfo;
  target = new S3Target(
    { kind: 's3', bucket: 'metrics', prefix: 'lake' },
    {
      accessKeyId: 'KEY',
      secretAccessKey: SECRET,
      sessionToken: 'token',
      region: REGION,
      endpoint: new URL(`http://127.0.0.1:${port}/gate/`),
      isPathStyle: true,
    },
    new Pacer(100e6),
  );
});
afterEach(() => {
  answers = [];
  objects.clear();
  seen.length = 0;
});

async function answer(request: IncomingMessage): Promise<(typeof answers)[number]> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  expect(request.headers.authorization).toBe(signatureOf(request, body));
  seen.push(`${request.method} ${request.headers['if-none-match'] ?? ''}`.trim());
  const planned = answers.shift();
  if (planned !== undefined) return planned;
  const key = decodeURIComponent(request.url ?? '');
  const object = objects.get(key);
  if (request.method === 'PUT') {
    if (object !== undefined && request.headers['if-none-match'] === '*') return { status: 412 };
    objects.set(key, { body, sha256: String(request.headers['x-amz-meta-sha256']) });
    return { status: 200 };
  }
  if (object === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
  const headers = { 'x-amz-meta-sha256': object.sha256, 'content-length': String(object.body.length) };
  return { status: 200, headers, body: object.body.toString() };
}

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Signature version 4 as Amazon describes it, of what has arrived. */
function signatureOf({ method, url = '', headers }: IncomingMessage, body: Buffer): string {
  expect(headers['x-amz-content-sha256']).toBe(sha256(body));
  expect(headers['x-amz-security-token']).toBe('token');
  const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const canonical = signed.split(';').map((name) => `${name}:${headers[name]}\n`);
  const request = [method, url, '', canonical.join(''), signed, headers['x-amz-content-sha256']].join('\n');
  const time = String(headers['x-amz-date']);
  const scope = `${time.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(Buffer.from(request))].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (secret, part) => createHmac('sha256', secret).update(part).digest(),
      `AWS4${SECRET}`,
    );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=KEY/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
}

describe('a file', () => {
  test('is put once, with a signature of all that is sent', async () => {
    expect(await target.put(PATH, FILE)).toBe('put');
    expect([...objects]).toEqual([[`/gate/metrics/lake/${PATH}`, { body: content, sha256: FILE.sha256 }]]);
    expect(await target.put(PATH, FILE)).toBe('there');
    expect(seen).toEqual(['HEAD', 'PUT *', 'HEAD']);
  });

  test('never replaces another of its name', async () => {
    await target.put(PATH, { ...FILE, sha256: FILE.sha256 });
    const other = { ...FILE, sha256: sha256(Buffer.from('other')) };
    expect(await target.put(PATH, other)).toBe('taken');
    // Somebody was faster, after it was looked for.
    answers = [{ status: 404 }, { status: 412 }];
    expect(await target.put(PATH, FILE)).toBe('there');
  });

  test('is put without the right to list, and to a server that knows no condition', async () => {
    answers = [{ status: 403 }, { status: 501 }];
    expect(await target.put(PATH, FILE)).toBe('put');
    expect(seen).toEqual(['HEAD', 'PUT *', 'PUT']);
  });

  test.each([
    [{ status: 503, headers: { 'retry-after': '7' } }, 'the server answered 503 to', 7_000],
    [
      {
        status: 403,
        body: '<Error><Code>SignatureDoesNotMatch</Code><Message>Check your key</Message></Error>',
      },
      'the server answered 403 SignatureDoesNotMatch: Check your key to',
      undefined,
    ],
    [
      { status: 301, headers: { 'x-amz-bucket-region': 'us-west-1' } },
      'the server answered 301 (the bucket is in region us-west-1) to',
      undefined,
    ],
  ])('is tried again when the server answers %j', async (reply, message, retryAfterMs) => {
    answers = [{ status: 404 }, reply];
    const failure: unknown = await target.put(PATH, FILE).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UploadFailure);
    expect(failure).toMatchObject({ message: `${message} ${PATH}`, retryAfterMs });
  });
});

test('a text is replaced', async () => {
  expect(await target.read('_manifest/a.json')).toBeUndefined();
  await target.write('_manifest/a.json', '{"ä":1}');
  await target.write('_manifest/a.json', '{"ä":2}');
  expect(await target.read('_manifest/a.json')).toBe('{"ä":2}');
});

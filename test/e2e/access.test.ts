import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Certificates, HAS_OPENSSL } from '../support/certificates.ts';
import { MAIN, TestClient, TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';
import { type Answer, ask, sendRaw, tryStream } from '../support/web.ts';

const TOKEN = 'correct+horse/battery=staple';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Runs a command that is to end by itself. */
function run(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe('a page of another site', () => {
  let server: TestServer;
  let host: string;
  beforeAll(async () => {
    server = await TestServer.start(['--collectors', 'memory']);
    host = new URL(server.url).host;
  });
  afterAll(() => server.stop());

  async function expectMemoryOn(): Promise<void> {
    expect(await server.json('/collectors')).toMatchObject({
      collectors: [{ name: 'memory', enabled: true }],
    });
  }

  describe.each([
    ['http://evil.example'],
    ['https://evil.example:4410'],
    ['null'],
    ['http://localhost:1'],
    ['http://127.0.0.1'],
    ['file://'],
    ['chrome-extension://abcdef'],
  ])('with Origin %s', (origin) => {
    test('cannot open the stream', async () => {
      expect(await tryStream(server.url, { origin })).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    });

    test.each(['/', '/snapshot', '/metrics', '/collectors', '/health', '/nothing'])(
      'cannot read %s',
      async (path) => {
        const answer = await ask(server.url + path, { headers: { origin } });
        expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      },
    );

    test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', ''])(
      'cannot ask SQL with a form of type "%s"',
      async (type) => {
        const headers = { origin, ...(type !== '' && { 'content-type': type }) };
        const answer = await ask(`${server.url}/query`, { method: 'POST', headers, body: 'SELECT 1' });
        expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      },
    );

    test('cannot switch collectors, nor is it told that it may ask', async () => {
      const preflight = await ask(`${server.url}/collectors/memory`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PATCH' },
      });
      expect(preflight.status).toBe(403);
      expect(preflight.headers).not.toHaveProperty('access-control-allow-origin');
      const answer = await ask(`${server.url}/collectors/memory`, {
        method: 'PATCH',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"enabled":false}',
      });
      expect(answer.status).toBe(403);
      await expectMemoryOn();
    });
  });

  describe('that points its own name here', () => {
    const names = ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example', '0.0.0.0', '[::]', ''];
    test.each(names)('is not served as "%s"', async (name) => {
      const rebound = `${name}:${new URL(server.url).port}`;
      for (const headers of [{ host: rebound }, { host: rebound, origin: `http://${rebound}` }]) {
        expect(await ask(`${server.url}/snapshot`, { headers })).toMatchObject({ status: 403 });
        expect(await ask(`${server.url}/query`, { method: 'POST', headers, body: 'SELECT 1' })).toMatchObject(
          { status: 403 },
        );
        expect(await tryStream(server.url, headers)).toMatchObject({ status: 403 });
      }
    });

    test('gains nothing by naming two hosts', async () => {
      const answer = await sendRaw(
        server.url,
        `GET /snapshot HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
        2_000,
      );
      expect(answer).toMatch(/^HTTP\/1.1 400 /);
    });
  });

  describe.each(['cross-site', 'same-site'])('that sends no Origin but is %s', (site) => {
    test.each([
      ['GET', '/snapshot'],
      ['GET', '/metrics'],
      ['GET', '/health'],
      ['POST', '/query'],
      ['PATCH', '/collectors/memory'],
    ])('cannot %s %s', async (method, path) => {
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      const answer = await ask(server.url + path, {
        method,
        headers,
        ...(method !== 'GET' && { body: '{"enabled":false}' }),
      });
      expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
      await expectMemoryOn();
    });

    test('may link to it', async () => {
      const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' };
      const answer = await ask(`${server.url}/health`, { headers });
      expect(answer.status).not.toBe(403);
      expect(answer.headers).toMatchObject({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
    });
  });

  test('is not what our own page or a program is taken for', async () => {
    for (const own of [host, host.replace('127.0.0.1', 'localhost')]) {
      const headers = { host: own, origin: `http://${own}`, 'sec-fetch-site': 'same-origin' };
      expect((await ask(`${server.url}/collectors`, { headers })).status).toBe(200);
      expect(await tryStream(server.url, headers)).toBe('opened');
    }
    expect(await tryStream(server.url)).toBe('opened');
  });

  test('finds no file of our page without the headers that keep it to itself', async () => {
    const page = await ask(`${server.url}/`);
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toBe(POLICY);
    const files = [...page.text.matchAll(/(?:src|href)="(\/?[\w./-]+\.(?:js|css))"/g)].map(
      ([, path]) => path!,
    );
    expect(files).not.toEqual([]);
    for (const path of files) {
      const file = await ask(new URL(path, server.url));
      expect(file.status).toBe(200);
      expect(file.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
  });

  test('our own page switches collectors with JSON only', async () => {
    const patch = (type: string, enabled: boolean): Promise<Answer> =>
      ask(`${server.url}/collectors/memory`, {
        method: 'PATCH',
        headers: { origin: server.url, 'content-type': type },
        body: JSON.stringify({ enabled }),
      });
    expect(await patch('text/plain;charset=UTF-8', false)).toMatchObject({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
    await expectMemoryOn();
    expect((await patch('application/json', true)).status).toBe(200);
  });
});

describe('a site that --allow-origin names', () => {
  const origin = 'https://grafana.example';
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start([
      '--collectors',
      'memory',
      '--allow-origin',
      `${origin}, http://localhost:3000/`,
      '--token',
      TOKEN,
    ]);
  });
  afterAll(() => server.stop());
  const authorization = `Bearer ${TOKEN}`;

  test('may read, ask and open the stream', async () => {
    const answer = await ask(`${server.url}/collectors`, {
      headers: { origin, authorization, 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(await tryStream(server.url, { origin, authorization })).toBe('opened');
    expect(await tryStream(server.url, { origin: 'http://localhost:3000', authorization })).toBe('opened');
  });

  test('is told so before it sends what is not simple, without the token', async () => {
    for (const [path, method] of [
      ['/query', 'POST'],
      ['/collectors/memory', 'PATCH'],
    ] as const) {
      const answer = await ask(server.url + path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      expect(answer.status).toBe(204);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect(answer.headers['access-control-allow-methods']).toContain(method);
      expect(answer.headers['access-control-allow-headers']?.toLowerCase()).toMatch(
        /authorization.*content-type/,
      );
    }
  });

  test('still needs the token, and can read the error', async () => {
    const answer = await ask(`${server.url}/snapshot`, { headers: { origin } });
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
  });

  test('may be a proxy under its own name', async () => {
    const headers = { host: 'grafana.example', authorization };
    expect((await ask(`${server.url}/collectors`, { headers })).status).toBe(200);
  });

  test.each([
    'https://grafana.example.evil.example',
    'http://grafana.example',
    'https://grafana.example:8443',
  ])('is not %s', async (other) => {
    const answer = await ask(`${server.url}/collectors`, { headers: { origin: other, authorization } });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a token', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(['--collectors', 'memory', '--require-token', '--token', TOKEN]);
  });
  afterAll(() => server.stop());

  test.each([
    ['GET', '/'],
    ['GET', '/snapshot'],
    ['GET', '/collectors'],
    ['GET', '/health'],
    ['GET', '/metrics'],
    ['GET', '/nothing'],
    ['POST', '/query'],
    ['PATCH', '/collectors/memory'],
  ])('is wanted for %s %s', async (method, path) => {
    const answer = await ask(server.url + path, { method });
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  test.each([
    ['no token', {}],
    ['an empty one', { authorization: 'Bearer ' }],
    ['half of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more of it', { authorization: `Bearer ${TOKEN}x` }],
    ['it in capitals', { authorization: `Bearer ${TOKEN.toUpperCase()}` }],
    ['another scheme', { authorization: `Basic ${Buffer.from(`x:${TOKEN}`).toString('base64')}` }],
    ['it as a cookie', { cookie: `token=${TOKEN}; hzstat=${TOKEN}` }],
  ])('is not %s', async (_, headers: Record<string, string>) => {
    expect((await ask(`${server.url}/collectors`, { headers })).status).toBe(401);
    expect(await tryStream(server.url, headers)).toMatchObject({ status: 401 });
  });

  test('lets programs in', async () => {
    for (const authorization of [`Bearer ${TOKEN}`, `bearer ${TOKEN}`]) {
      expect((await ask(`${server.url}/collectors`, { headers: { authorization } })).status).toBe(200);
      expect(await tryStream(server.url, { authorization })).toBe('opened');
    }
  });

  test('may come as a subprotocol of the stream, the only header a page can set', async () => {
    const agreed = (protocols: string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/stream`, protocols);
        socket.on('open', () => {
          socket.terminate();
          resolve(socket.protocol);
        });
        socket.on('error', reject);
      });
    const token = Buffer.from(TOKEN).toString('base64url');
    expect(await agreed(['hzstat', `hzstat.token.${token}`])).toBe('hzstat');
    expect(await agreed([`hzstat.token.${token}`, 'hzstat'])).toBe('hzstat');
    await expect(agreed(['hzstat', `hzstat.token.${token}x`])).rejects.toThrow('401');
    await expect(agreed(['hzstat', 'hzstat.token.!'])).rejects.toThrow('401');
    await expect(agreed(['hzstat'])).rejects.toThrow('401');
  });

  test('is exchanged for a cookie on the first visit', async () => {
    const visit = await ask(`${server.url}/?token=${encodeURIComponent(TOKEN)}`);
    expect(visit).toMatchObject({ status: 303, headers: { location: '/' }, text: '' });
    const [setCookie = ''] = visit.headers['set-cookie'] ?? [];
    expect(setCookie).toMatch(/; HttpOnly(;|$)/);
    expect(setCookie).toMatch(/; SameSite=Strict(;|$)/);
    expect(setCookie).not.toContain('Secure');
    expect(decodeURIComponent(setCookie)).not.toContain(TOKEN);
    const cookie = setCookie.split(';', 1)[0]!;
    expect((await ask(`${server.url}/collectors`, { headers: { cookie } })).status).toBe(200);
    expect((await ask(`${server.url}/collectors`, { headers: { cookie: `a=b; ${cookie}` } })).status).toBe(
      200,
    );
    expect(await tryStream(server.url, { cookie, origin: server.url })).toBe('opened');
    const forged = cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    expect((await ask(`${server.url}/collectors`, { headers: { cookie: forged } })).status).toBe(401);
    const evil = { cookie, origin: 'http://localhost:1' };
    expect(await tryStream(server.url, evil)).toMatchObject({ status: 403 });
  });

  test('may have its plus signs turned into blanks by a careless link', async () => {
    expect((await ask(`${server.url}/?token=${TOKEN}`)).status).toBe(303);
  });

  test('on a visit that a link on another site led to is kept by a page, not lost in a redirection', async () => {
    const visit = await ask(`${server.url}/?token=${encodeURIComponent(TOKEN)}`, {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
    });
    expect(visit.status).toBe(200);
    expect(visit.headers['set-cookie']).toHaveLength(1);
    expect(visit.headers['content-security-policy']).toBe(POLICY);
    expect(visit.text).not.toContain(TOKEN);
  });

  test('that is wrong on the first visit sets no cookie', async () => {
    const visit = await ask(`${server.url}/?token=wrong`);
    expect(visit.status).toBe(401);
    expect(visit.headers).not.toHaveProperty('set-cookie');
    expect(visit.text).not.toContain('wrong');
  });

  test('is nowhere to be read', async () => {
    const wrong = 'a-wrong-token-of-some-length';
    const answers = await Promise.all([
      ask(`${server.url}/?token=${wrong}`),
      ask(`${server.url}/nothing?token=${wrong}`, { headers: { authorization: `Bearer ${TOKEN}` } }),
      ask(`${server.url}/health`, { headers: { authorization: `Bearer ${TOKEN}` } }),
      ask(`${server.url}/collectors`, { headers: { authorization: `Bearer ${wrong}` } }),
    ]);
    const texts = [
      server.stderr,
      readFileSync(`/proc/${server.process.pid}/cmdline`, 'utf8'),
      ...answers.flatMap(({ text, headers }) => [text, JSON.stringify(headers)]),
    ];
    for (const text of texts) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(wrong);
    }
    expect(server.stderr).toContain('/?token=<token>');
  });

  test('is brought by the commands', () => {
    const url = ['--url', server.url];
    expect(run(['stream', '--count', '1', ...url, '--token', TOKEN]).status).toBe(0);
    expect(run(['stream', '--count', '1', ...url], { HZSTAT_TOKEN: TOKEN }).status).toBe(0);
    const refused = run(['stream', '--count', '1', ...url, '--token', 'a-wrong-token-of-some-length']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/^hzstat: that is not the token of this server.*\n$/);
    expect(refused.stderr).not.toContain('a-wrong-token');
    const query = run(['query', 'SELECT 1', ...url, '--token', TOKEN]);
    expect(query.stderr).toMatch(/nothing is recorded here/);
    expect(run(['query', 'SELECT 1', ...url]).stderr).toMatch(/^hzstat: this server wants its token/);
  });
});

describe('a token from elsewhere than the command line', () => {
  test('comes from the environment, and is not handed on to children', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-access-'));
    const flags = ['--collectors', 'memory', '--data-dir', dataDir];
    const server = await TestServer.start(flags, { HZSTAT_TOKEN: TOKEN });
    expect((await ask(`${server.url}/collectors`)).status).toBe(401);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(`${server.url}/collectors`, { headers })).status).toBe(200);
    const answer = await ask(`${server.url}/query`, { method: 'POST', headers, body: 'SELECT 1' });
    expect(answer.status).toBe(200);
    // The process that answered waits a while for the next question.
    const { stdout } = spawnSync('pgrep', ['-P', String(server.process.pid)], { encoding: 'utf8' });
    const children = stdout.split('\n').filter(Boolean);
    expect(children).not.toEqual([]);
    for (const pid of children) expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(TOKEN);
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
});

test.each([
  [['--listen', '0.0.0.0:0'], {}, /listening on 0\.0\.0\.0 .*--token-file.*--tls-client-ca.*127\.0\.0\.1/],
  [['--listen', '[::]:0'], {}, /listening on ::/],
  [['--listen', ':0'], {}, /listening on 0\.0\.0\.0/],
  [[], { HZSTAT_LISTEN: '0.0.0.0:0' }, /listening on 0\.0\.0\.0/],
  [['--token', ''], {}, /the token is empty/],
  [['--require-token'], {}, /--require-token wants a token: add --token-file/],
  [[], { HZSTAT_REQUIRE_TOKEN: '1' }, /--require-token wants a token/],
  [['--token', 'two words of it'], {}, /the token holds a blank/],
  [[], { HZSTAT_TOKEN: '' }, /the token is empty/],
  [['--token-file', '/nowhere/token'], {}, /--token-file cannot be read: ENOENT.*\/nowhere\/token/],
  [['--token', TOKEN, '--token-file', '/nowhere'], {}, /--token-file.*cannot be used with/],
  [['--tls-cert', '/nowhere/cert'], {}, /both --tls-cert and --tls-key/],
  [['--tls-client-ca', '/nowhere/ca'], {}, /both --tls-cert and --tls-key/],
  [['--tls-cert', '/nowhere/cert', '--tls-key', '/nowhere/key'], {}, /--tls-cert cannot be read: ENOENT/],
  [['--allow-origin', '*'], {}, /"\*" is no origin/],
  [['--allow-origin', 'null'], {}, /"null" is no origin/],
  [['--allow-origin', 'https://a.example/path'], {}, /is no origin/],
  [['--allow-origin', 'file:///'], {}, /is no origin/],
  [['--max-connections', '0'], {}, /is no number of connections/],
])('serve %j with %j is refused before anything starts', (args, env, message) => {
  const { status, stderr } = run(['serve', '--no-history', ...args], env);
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).not.toContain(TOKEN);
  expect(stderr).not.toContain('two words');
  expect(status).toBe(2);
});

describe.skipIf(skipUnless('openssl', HAS_OPENSSL))('over TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = new Certificates();
  });
  afterAll(() => certificates.remove());

  test('everything is as it is without', async () => {
    const file = certificates.write('token', `${TOKEN}\n`);
    const server = await TestServer.start([
      '--collectors',
      'memory',
      '--token-file',
      file,
      ...certificates.serverFlags,
    ]);
    expect(server.url).toMatch(/^https:/);
    const tls = certificates.client();
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await ask(`${server.url}/collectors`, { tls })).status).toBe(401);
    expect((await ask(`${server.url}/collectors`, { tls, headers })).status).toBe(200);
    const visit = await ask(`${server.url}/?token=${encodeURIComponent(TOKEN)}`, { tls });
    expect(visit.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
    expect(await tryStream(server.url, { ...headers, origin: server.url }, tls)).toBe('opened');
    expect(await tryStream(server.url, { ...headers, origin: 'https://evil.example' }, tls)).toMatchObject({
      status: 403,
    });
    await expect(ask(server.url.replace('https', 'http'))).rejects.toThrow();
    const follow = run(['stream', '--count', '2', '--url', server.url, '--token-file', file], {
      NODE_EXTRA_CA_CERTS: certificates.path('ca.pem'),
    });
    expect(follow).toMatchObject({ status: 0, stderr: '' });
    const client = new TestClient(`${server.url.replace('http', 'ws')}/stream`, headers, tls);
    await client.take(2);
    expect(await server.stop()).toBe(0);
    expect(await client.closed).toEqual({ code: 1001, reason: expect.stringContaining('shutting down') });
  });

  test('a certificate nobody vouches for is told as such, by every command, with the remedy', async () => {
    const server = await TestServer.start(['--collectors', 'memory', ...certificates.serverFlags]);
    const url = ['--url', server.url];
    const ca = ['--ca', certificates.path('ca.pem')];
    for (const command of [
      ['stream', '--count', '1'],
      ['query', 'SELECT 1'],
    ]) {
      const { status, stderr } = run([...command, ...url]);
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^hzstat: https:\/\/\S+ answers, but nobody here vouches for its certificate .*--ca\n$/,
      );
    }
    expect(run(['stream', '--count', '1', ...url, ...ca]).status).toBe(0);
    expect(run(['doctor', ...url]).stdout).toMatch(/✘ own cost +https:.*nobody here vouches/);
    expect(run(['doctor', ...url, ...ca]).stdout).toMatch(
      /✔ own cost +.* of a core|✔ own cost +not yet measured/,
    );
    await server.stop();
    expect(run(['doctor', ...url]).stdout).toMatch(/✘ own cost +no hzstat answers at /);
  });

  test('only clients with a certificate are let in when one is asked for', async () => {
    const server = await TestServer.start([
      '--listen',
      '0.0.0.0:0',
      '--collectors',
      'memory',
      ...certificates.serverFlags,
      '--tls-client-ca',
      certificates.path('ca.pem'),
    ]);
    // What it says can be opened, which 0.0.0.0 cannot in every browser.
    expect(server.stderr).toMatch(/listens on https:\/\/[\d.]+:\d+ and all other addresses \(/);
    expect(server.stderr).not.toContain('0.0.0.0');
    const url = `https://127.0.0.1:${new URL(server.url).port}`;
    for (const tls of [certificates.client(), certificates.client('stranger')]) {
      await expect(ask(`${url}/collectors`, { tls })).rejects.toThrow();
      await expect(tryStream(url, {}, tls)).rejects.toThrow();
    }
    const tls = certificates.client('client');
    expect((await ask(`${url}/collectors`, { tls })).status).toBe(200);
    const evil = { origin: 'https://evil.example' };
    expect(await tryStream(url, evil, tls)).toMatchObject({ status: 403 });
    const trust = ['--url', url, '--ca', certificates.path('ca.pem')];
    const shown = (name: string): string[] => [
      '--client-cert',
      certificates.path(`${name}.pem`),
      '--client-key',
      certificates.path(`${name}.key`),
    ];
    expect(run(['stream', '--count', '1', ...trust, ...shown('client')])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(run(['query', 'SELECT 1', ...trust, ...shown('client')]).stderr).toMatch(
      /nothing is recorded here/,
    );
    const stranger = run(['stream', '--count', '1', ...trust, ...shown('stranger')]);
    expect(stranger.status).toBe(1);
    expect(stranger.stderr).toMatch(/^hzstat: no hzstat answers at .*\n$/);
    const client = new TestClient(`${url.replace('http', 'ws')}/stream`, {}, tls);
    const snapshots = await client.take(5);
    const first = snapshots[0]!.sequence;
    expect(snapshots.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4].map((index) => first + index));
    expect(await server.stop()).toBe(0);
    expect(await client.closed).toEqual({ code: 1001, reason: expect.stringContaining('shutting down') });
  });

  test.each([
    ['', []],
    [' behind the check of certificates', ['--tls-client-ca']],
  ])('rubbish and clients that break off leave no trace%s', async (_, clientCa) => {
    const server = await TestServer.start([
      '--collectors',
      'memory',
      '--max-connections',
      '12',
      ...certificates.serverFlags,
      ...clientCa.flatMap((flag) => [flag, certificates.path('ca.pem')]),
    ]);
    const tls = certificates.client('client');
    const hello = Buffer.from('16030100640100006003030000', 'hex');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), fc.boolean(), async (bytes, isHello) => {
        const answer = await sendRaw(server.url, isHello ? Buffer.concat([hello, bytes]) : bytes, 10);
        expect(answer).not.toMatch(/^HTTP|node_modules|\/src\//);
      }),
      { numRuns: 40 },
    );
    for (let i = 0; i < 40; i++) {
      const client = new TestClient(`${server.url.replace('http', 'ws')}/stream`, {}, tls);
      await client.until((frames) => frames.length > 0);
      client.socket.terminate();
    }
    // The server hears of the last of them a moment later.
    let answer = await ask(`${server.url}/collectors`, { tls }).catch(() => undefined);
    while (answer?.status !== 200)
      answer = await ask(`${server.url}/collectors`, { tls }).catch(() => undefined);
    const streams = Array.from(
      { length: 11 },
      () => new TestClient(`${server.url.replace('http', 'ws')}/stream`, {}, tls),
    );
    await Promise.all(streams.map((client) => client.take(2)));
    expect(server.stderr).not.toMatch(/Error|\bat .*:\d+:\d+/);
    expect(await server.stop()).toBe(0);
  });

  test.each([
    ['server.pem', 'client.key', undefined, /client\.key is not the key of the certificate in .*server\.pem/],
    ['server.key', 'server.key', undefined, /server\.key holds no PEM certificate/],
    ['server.pem', 'server.pem', undefined, /server\.pem holds no PEM key/],
    ['broken.pem', 'server.key', undefined, /broken\.pem holds a certificate that cannot be read/],
    ['server.pem', 'nowhere.key', undefined, /--tls-key cannot be read: ENOENT/],
    ['server.pem', 'server.key', 'server.key', /--tls-client-ca .*server\.key holds no PEM certificate/],
    ['server.pem', 'server.key', 'nowhere.pem', /--tls-client-ca cannot be read: ENOENT/],
  ])('%s with %s and %s is refused before anything starts', (cert, key, ca, message) => {
    certificates.write('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const flags = ['--tls-cert', certificates.path(cert), '--tls-key', certificates.path(key)];
    if (ca !== undefined) flags.push('--tls-client-ca', certificates.path(ca));
    const { status, stderr } = run(['serve', '--no-history', ...flags]);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  test('without client certificates does not make an open address safe', () => {
    const { status, stderr } = run([
      'serve',
      '--no-history',
      '--listen',
      '0.0.0.0:0',
      ...certificates.serverFlags,
    ]);
    expect(stderr).toMatch(/listening on 0\.0\.0\.0/);
    expect(status).toBe(2);
  });
});

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

const CHROMIUM = '/usr/bin/chromium';
const TOKEN = 'correct-horse-battery-staple';

/** Runs in the page: opens a stream, and tells whether a snapshot came. */
const OPEN_STREAM = `(url, protocols) => new Promise((resolve) => {
  const socket = new WebSocket(url, protocols);
  let frames = 0;
  socket.onmessage = () => { if (++frames > 1) { resolve('read'); socket.close(); } };
  socket.onclose = () => resolve('refused');
})`;

/** Runs in the page: asks, and tells what the page gets to see of the answer. */
const ASK = `async (url, init) => {
  try {
    const response = await fetch(url, init);
    return response.type === 'opaque' ? 'opaque' : response.status;
  } catch {
    return 'refused';
  }
}`;

describe.skipIf(skipUnless('chromium', existsSync(CHROMIUM)))('in a real browser', () => {
  let browser: Browser;
  let site: Server;
  let sitePort: number;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.test 127.0.0.1'],
    });
    site = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>a site</title><p>nothing to see');
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    sitePort = (site.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  function openStream(url: string, protocols: readonly string[] = []): Promise<string> {
    const stream = `${url.replace('http', 'ws')}/stream`;
    return page.evaluate(`(${OPEN_STREAM})(${JSON.stringify(stream)}, ${JSON.stringify(protocols)})`);
  }

  function askFromPage(url: string, init: object = {}): Promise<string | number> {
    return page.evaluate(`(${ASK})(${JSON.stringify(url)}, ${JSON.stringify(init)})`);
  }

  describe('a page', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await TestServer.start(['--collectors', 'memory']);
    });
    afterAll(() => server.stop());

    describe.each(['evil.test', 'localhost', '127.0.0.1'])('of a site on %s', (name) => {
      beforeEach(async () => {
        await page.goto(`http://${name}:${sitePort}/`);
      });

      test('cannot read the stream', async () => {
        expect(await openStream(server.url)).toBe('refused');
      });

      test('cannot read an answer', async () => {
        for (const path of ['/snapshot', '/collectors', '/health']) {
          expect(await askFromPage(server.url + path)).toBe('refused');
          expect(await askFromPage(server.url + path, { mode: 'no-cors' })).toBe('refused');
        }
      });

      test('cannot send SQL, not even unseen', async () => {
        const init = { method: 'POST', body: 'SELECT 1', mode: 'no-cors' };
        expect(await askFromPage(`${server.url}/query`, init)).toBe('refused');
        const navigated = page.waitForResponse(`${server.url}/query`);
        await page.evaluate(`(() => {
          document.body.innerHTML = '<form method="post" enctype="text/plain" action="${server.url}/query"><input name="SELECT 1 --" value=""></form>';
          document.forms[0].submit();
        })()`);
        expect((await navigated).status()).toBe(403);
      });

      test('cannot switch a collector', async () => {
        const url = `${server.url}/collectors/memory`;
        const headers = { 'content-type': 'application/json' };
        expect(await askFromPage(url, { method: 'PATCH', headers, body: '{"enabled":false}' })).toBe(
          'refused',
        );
        expect(await server.json('/collectors')).toMatchObject({ collectors: [{ enabled: true }] });
      });

      test('cannot frame it', async () => {
        const answered = page.waitForResponse(`${server.url}/collectors`);
        await page.evaluate(`document.body.innerHTML = '<iframe src="${server.url}/collectors"></iframe>'`);
        expect((await answered).headers()['x-frame-options']).toBe('DENY');
        const frame = page.frames().find((candidate) => candidate !== page.mainFrame());
        expect((await frame?.content())?.includes('"collectors"')).toBe(false);
      });
    });

    test('under a name that points here is not served', async () => {
      const response = await page.goto(`http://evil.test:${new URL(server.url).port}/collectors`);
      expect(response?.status()).toBe(403);
    });
  });

  describe('with a token', () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await TestServer.start([
        '--collectors',
        'memory',
        '--token',
        TOKEN,
        '--allow-origin',
        `http://localhost:${sitePort}`,
      ]);
    });
    afterAll(() => server.stop());

    test('the first visit lets a browser in, and leaves no token behind', async () => {
      await page.goto(`${server.url}/collectors`);
      expect(await askFromPage(`${server.url}/collectors`)).toBe(401);
      await page.goto(`${server.url}/?token=${TOKEN}`);
      expect(page.url()).toBe(`${server.url}/`);
      expect(await page.evaluate('document.cookie')).toBe('');
      expect(await askFromPage(`${server.url}/collectors`)).toBe(200);
      expect(await openStream(server.url)).toBe('read');
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
      expect(cookie?.value).not.toContain(TOKEN);
    });

    test('a link on another site leads to a first visit too', async () => {
      await page.goto(`http://evil.test:${sitePort}/`);
      const arrived = page.waitForURL(`${server.url}/`);
      await page.evaluate(`location.href = '${server.url}/?token=${TOKEN}'`);
      await arrived;
      expect(await askFromPage(`${server.url}/collectors`)).toBe(200);
    });

    test('who was let in is no help to a page of another site', async () => {
      await page.goto(`${server.url}/?token=${TOKEN}`);
      for (const name of ['evil.test', '127.0.0.1']) {
        await page.goto(`http://${name}:${sitePort}/`);
        expect(await openStream(server.url)).toBe('refused');
        expect(await askFromPage(`${server.url}/collectors`, { credentials: 'include' })).toBe('refused');
      }
    });

    test('a page of an allowed site brings the token itself', async () => {
      await page.goto(`http://localhost:${sitePort}/`);
      const authorization = `Bearer ${TOKEN}`;
      expect(await askFromPage(`${server.url}/collectors`)).toBe(401);
      expect(await askFromPage(`${server.url}/collectors`, { headers: { authorization } })).toBe(200);
      const init = {
        method: 'PATCH',
        headers: { authorization, 'content-type': 'application/json' },
        body: '{"enabled":true}',
      };
      expect(await askFromPage(`${server.url}/collectors/memory`, init)).toBe(200);
      const protocol = `hzstat.token.${Buffer.from(TOKEN).toString('base64url')}`;
      expect(await openStream(server.url)).toBe('refused');
      expect(await openStream(server.url, ['hzstat', protocol])).toBe('read');
    });
  });
});

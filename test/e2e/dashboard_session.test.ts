import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, withoutChromium } from '../support/browser.ts';
import { TestServer } from '../support/server.ts';
import { ask } from '../support/web.ts';

const TOKEN = 'correct+horse/battery=staple';

describe.skipIf(withoutChromium)('a browser without the token', () => {
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(['--token', TOKEN, '--collectors', 'cpu,memory']);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('is asked for it, comes to the view that was linked, and can log out', async () => {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('401')) failures.push(message.text());
    });
    await page.goto(`${server.url}/#live=30s&panel=memory`);
    const input = page.getByLabel('Token of this server');
    await input.waitFor();
    expect(await page.locator('body').innerText()).toMatch(
      /cookie made from the token for 30 days, not the token itself/,
    );
    await input.fill('not-the-token-of-this-server');
    await page.getByRole('button', { name: 'Log in' }).click();
    expect(await page.getByRole('alert').innerText()).toBe('That is not the token of this server.');
    expect(await page.context().cookies()).toEqual([]);
    await input.fill(TOKEN);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('.pill[data-state=live]').waitFor();
    expect(new URL(page.url()).hash).toBe('#live=30s&panel=memory');
    expect(page.url()).not.toContain('token');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(decodeURIComponent(cookie?.value ?? '')).not.toContain(TOKEN);
    await page.getByRole('button', { name: /What this browser stores/ }).click();
    await page.locator('.popover:popover-open', { hasText: 'cookie made from the token' }).waitFor();
    await page.getByRole('button', { name: 'Remove the cookie' }).click();
    await input.waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.close();
    expect(failures).toEqual([]);
  });

  test('is asked again when its cookie is of another token, and keeps its cookie over a link of another site', async () => {
    const page = await browser.newPage();
    await page
      .context()
      .addCookies([{ name: 'hzstat_0123abcd', value: 'x', url: server.url, sameSite: 'Strict' }]);
    await page.goto(server.url);
    expect(await page.getByRole('alert').innerText()).toMatch(/logged in with another token/);
    await page.getByLabel('Token of this server').fill(TOKEN);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('.pill[data-state=live]').waitFor();
    // localhost and 127.0.0.1 are two sites.
    await page.goto(`${server.url.replace('127.0.0.1', 'localhost')}/#`);
    await page.setContent(`<a href="${server.url}/#live=10s">there</a>`);
    await page.getByText('there').click();
    await page.locator('.pill[data-state=live]').waitFor();
    expect(page.url()).toBe(`${server.url}/#live=10s`);
    await page.close();
  });

  test('gets JSON where it is a program, and no form where no token is wanted', async () => {
    expect(await ask(`${server.url}/`)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    const html = { headers: { accept: 'text/html' } };
    expect(await ask(`${server.url}/snapshot`, html)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    const form = await ask(`${server.url}/`, html);
    expect(form.status).toBe(401);
    expect(form.headers['content-security-policy']).toMatch(/^default-src 'none'; .*form-action 'self'/);
    const foreign = await ask(`${server.url}/login`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${encodeURIComponent(TOKEN)}`,
    });
    expect(foreign).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    const open = await TestServer.start(['--collectors', 'memory']);
    expect((await ask(`${open.url}/login`, html)).status).toBe(404);
    expect(await (await open.fetch('/')).text()).not.toContain('data-guarded');
    await open.stop();
  });
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { temporaryDataDir } from '../support/history.ts';
import { TestServer } from '../support/server.ts';

describe.skipIf(withoutChromium)('incidents on the page', () => {
  let browser: Browser;
  let server: TestServer;
  let remove: () => void;
  beforeAll(async () => {
    const directory = temporaryDataDir();
    remove = directory.remove;
    server = await TestServer.start([
      '--data-dir',
      directory.dataDir,
      '--watch',
      'always: memory.available_bytes > 0',
    ]);
    browser = await launchChromium();
    const stream = server.connect('?collectors=memory');
    await stream.take(60);
    stream.close();
    const body = JSON.stringify({ text: 'deploy 42' });
    await server.fetch('/marks', { method: 'POST', body });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    remove();
  });

  const titles = (panel: string): string =>
    `[...document.querySelectorAll('#${panel} .happening .flag')].map((flag) => flag.title).join('\\n')`;

  test('are marked on every chart, with the notes of people', async () => {
    const watched = await WatchedPage.open(browser, `${server.url}/#live=20s`);
    const { page } = watched;
    for (const panel of ['cpu', 'cores', 'memory', 'network', 'disk']) {
      await page.locator(`#${panel}`).scrollIntoViewIfNeeded();
      await watched.until(`/^always: /m.test(${titles(panel)}) && /^deploy 42$/m.test(${titles(panel)})`);
    }
    // From its beginning on it goes on: up to the right edge of the chart.
    const edges: { mark: number; chart: number } = await page.evaluate(`(() => {
      const flag = [...document.querySelectorAll('#disk .flag')].find(({ title }) => title.startsWith('always'));
      const { right } = flag.parentElement.getBoundingClientRect();
      return { mark: right, chart: flag.closest('.overlay').getBoundingClientRect().right };
    })()`);
    expect(Math.abs(edges.mark - edges.chart)).toBeLessThan(3);
    expect(watched.complaints).toEqual([]);
    await page.close();
  });

  test('are listed, and show who did it and the time around them when one is chosen', async () => {
    const watched = await WatchedPage.open(browser, `${server.url}/#live=20s`);
    const { page } = watched;
    const { incidents } = (await server.json('/incidents')) as {
      incidents: { id: string; began: string; watch: string }[];
    };
    const always = incidents.find(({ watch }) => watch === 'always');
    const row = page.locator('#incidents .row-name', { hasText: 'always' });
    await watched.until(`!document.querySelector('#incidents').hidden`);
    await page.locator('#incidents').scrollIntoViewIfNeeded();
    await row.click();
    await watched.until(`document.querySelectorAll('#evidence tbody tr').length > 0`);
    expect(await page.locator('#evidence .sentence').innerText()).toContain(
      'memory.available_bytes > 0 bytes',
    );
    expect(await page.locator('#evidence tbody').innerText()).toMatch(/\w+ \(\d+\)/);
    const address = new URLSearchParams((await page.evaluate<string>('location.hash')).slice(1));
    expect(address.get('incident')).toBe(always?.id);
    const began = Date.parse(always?.began ?? '');
    expect(Date.parse(address.get('from') ?? '')).toBe(began - 10_000);
    // Back is to where one was.
    await page.goBack();
    await watched.until(`document.querySelector('#evidence').hidden`);
    expect(watched.complaints).toEqual([]);
    await page.close();
  });

  test('are in a link that opens to the same', async () => {
    const { incidents } = (await server.json('/incidents')) as { incidents: { id: string }[] };
    const watched = await WatchedPage.open(browser, `${server.url}/#live=20s&incident=${incidents[0]?.id}`);
    await watched.until(`document.querySelectorAll('#evidence tbody tr').length > 0`);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });
});

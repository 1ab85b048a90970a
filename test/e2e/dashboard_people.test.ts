import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { TestServer } from '../support/server.ts';

describe.skipIf(withoutChromium)('for those who see or move differently the page', () => {
  let browser: Browser;
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start();
    browser = await launchChromium();
    const stream = server.connect('?collectors=memory');
    await stream.take(60);
    stream.close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const open = async (options: BrowserContextOptions, path = '/#live=5s'): Promise<WatchedPage> => {
    const watched = await WatchedPage.open(browser, `${server.url}${path}`, options);
    await watched.page.locator('.pill[data-state=live]').waitFor();
    await watched.until(
      `Number(document.querySelector('[data-metric=sequence]').textContent) > 0 && document.querySelector('#memory canvas') !== null`,
    );
    return watched;
  };

  test('keeps the colours of its legend where colours are forced', async () => {
    const watched = await open({ forcedColors: 'active' });
    const colors: string[] = await watched.page.evaluate(
      `[...document.querySelectorAll('#cpu .mark')].map((mark) => getComputedStyle(mark).backgroundColor)`,
    );
    expect(new Set(colors).size).toBe(7);
    const [text, ground]: [string, string] = await watched.page.evaluate(`(() => {
      const style = getComputedStyle(document.querySelector('#memory'));
      return [style.color, style.backgroundColor];
    })()`);
    expect(text).not.toBe(ground);
    await watched.page.close();
    expect(watched.complaints).toEqual([]);
  });

  test.each([[16], [24]])('writes as large as the browser says: %d px', async (root) => {
    const watched = await open({});
    const { page } = watched;
    await page.evaluate(`document.documentElement.style.fontSize = '${root}px'`);
    await page.evaluate(`(() => {
      window.fonts = new Set();
      const fillText = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (...rest) {
        window.fonts.add(parseFloat(this.font));
        return fillText.apply(this, rest);
      };
    })()`);
    await page.setViewportSize({ width: 1290, height: 810 });
    await watched.until(`window.fonts.has(${0.625 * root})`);
    const sizes: number[] = await page.evaluate(
      `['body', '#cpu h2', '#memory .reading', '.toolbar button'].map((name) => parseFloat(getComputedStyle(document.querySelector(name)).fontSize))`,
    );
    for (const size of sizes) expect(size).toBeGreaterThanOrEqual(0.7 * root);
    const cut: string[] = await page.evaluate(
      `[...document.querySelectorAll('.legend > div, .toolbar button, h2')].filter((each) => each.offsetParent !== null && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 4)).map((each) => each.textContent)`,
    );
    expect(cut).toEqual([]);
    await page.close();
  });

  test('draws once a second where less motion is wanted', async () => {
    const watched = await open({ reducedMotion: 'reduce' });
    const drawn = `(() => {
      const putImageData = CanvasRenderingContext2D.prototype.putImageData;
      window.drawn = 0;
      CanvasRenderingContext2D.prototype.putImageData = function (...rest) {
        if (this.canvas.height > 20) window.drawn++;
        return putImageData.apply(this, rest);
      };
    })()`;
    await watched.page.evaluate(drawn);
    const before = Number(await watched.reading('sequence'));
    await watched.until(
      `Number(document.querySelector('[data-metric=sequence]').textContent) >= ${before + 30}`,
    );
    const count: number = await watched.page.evaluate('window.drawn');
    expect(count).toBeGreaterThan(0);
    // Ten a second would be thirty; a resize or an answer of history is drawn at once all the same.
    expect(count).toBeLessThan(15);
    await watched.page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('zooms by two fingers on a chart, in one step of the browser’s history', async () => {
    const watched = await open({ hasTouch: true }, '/#live=4s');
    const { page } = watched;
    await page.keyboard.press(' ');
    const span = async (): Promise<number> => {
      const hash: string = await page.evaluate('location.hash');
      const parts = new URLSearchParams(hash.slice(1));
      return Date.parse(parts.get('to') ?? '') - Date.parse(parts.get('from') ?? '');
    };
    expect(await span()).toBe(4_000);
    const { x, y, width } = (await page.locator('#cpu .surface').boundingBox())!;
    const session = await page.context().newCDPSession(page);
    const fingers = (type: 'touchStart' | 'touchMove', apart: number): Promise<unknown> =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: [-apart, apart].map((by, id) => ({ x: x + width / 2 + by, y: y + 30, id })),
      });
    await fingers('touchStart', 100);
    for (let apart = 120; apart <= 200; apart += 20) await fingers('touchMove', apart);
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    expect(await span()).toBeLessThan(2_400);
    expect(await span()).toBeGreaterThan(1_600);
    await page.goBack();
    expect(await span()).toBe(4_000);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });
});

describe.skipIf(withoutChromium)('a sampler that keeps to a small budget', () => {
  test('is said to be slower than asked, and why, where it says "live"', async () => {
    const server = await TestServer.start([
      '--interval',
      '20ms',
      '--budget',
      '0.1%',
      '--collectors',
      'cpu,memory',
    ]);
    const browser = await launchChromium();
    const watched = await WatchedPage.open(browser, server.url);
    const pill = watched.page.locator('.pill[data-state=live]', { hasText: 'instead of 50 Hz' });
    await pill.waitFor({ timeout: 60_000 });
    expect(await pill.innerText()).toMatch(
      /^● live (\d+(\.\d)? Hz|every .+) instead of 50 Hz: 0\.1 % of a core is its budget$/,
    );
    const [color, good]: [string, string] = await watched.page.evaluate(`(() => {
      const pill = getComputedStyle(document.querySelector('.pill')).color;
      const probe = document.createElement('i');
      probe.style.color = 'var(--good)';
      document.body.append(probe);
      return [pill, getComputedStyle(probe).color];
    })()`);
    expect(color).toBe(good);
    await browser.close();
    await server.stop();
    expect(watched.complaints).toEqual([]);
  }, 120_000);
});

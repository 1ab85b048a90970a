import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { temporaryDataDir } from '../support/history.ts';
import { TestServer } from '../support/server.ts';

/** What an axis says is drawn into the canvas: its texts are caught on their way there, and everything drawn anew. */
async function catchTexts(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    window.texts = [];
    const fillText = CanvasRenderingContext2D.prototype.fillText;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
      window.texts.push(text);
      return fillText.call(this, text, ...rest);
    };
  })()`);
  await page.setViewportSize({ width: 1290, height: 810 });
}

/** Snapshots there are before the first page is opened, at ten a second. */
const SNAPSHOTS_BEFORE = 350;

describe.skipIf(withoutChromium)('the page', () => {
  let browser: Browser;
  let server: TestServer;
  let dataDir: string;
  let remove: () => void;
  beforeAll(async () => {
    ({ dataDir, remove } = temporaryDataDir());
    server = await TestServer.start(['--data-dir', dataDir]);
    browser = await launchChromium();
    const stream = server.connect('?collectors=memory');
    await stream.take(SNAPSHOTS_BEFORE);
    stream.close();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    remove();
  });

  const open = (path = '/'): Promise<WatchedPage> => WatchedPage.open(browser, `${server.url}${path}`);
  const linkTo = (fromMs: number, toMs: number): string =>
    `/#from=${new Date(fromMs).toISOString()}&to=${new Date(toMs).toISOString()}`;

  test('draws a moment of a while ago in a tab that is opened for it', async () => {
    const nowMs = Date.now();
    const watched = await open(linkTo(nowMs - 25_000, nowMs - 15_000));
    await watched.page.locator('.pill[data-state=paused]').waitFor();
    // Blank as long as nothing is drawn; in the middle of ten seconds there are samples.
    await watched.until(`(() => {
      const canvas = document.querySelector('#cores canvas');
      if (canvas === null || canvas.width === 0) return false;
      const { data, width } = canvas.getContext('2d').getImageData(0, 12, canvas.width, 1);
      let drawn = 0;
      for (let x = 0; x < width; x++) if (data[x * 4 + 3] > 0) drawn++;
      return drawn > width / 2;
    })()`);
    await watched.until(
      `/\\d/.test(document.querySelector('[data-metric="cpu||usage_percent"]').textContent)`,
    );
    await watched.page.close();
    expect(watched.complaints).toEqual([]);
  }, 60_000);

  test('asks history for what a longer live view lacks, and says of which moment figures of a past view are', async () => {
    const watched = await open('/#live=10s');
    await watched.page.locator('.pill[data-state=live]').waitFor();
    const asked = watched.page.waitForRequest((request) => request.url().endsWith('/query'));
    await watched.page.getByLabel('How much time is shown').selectOption('300');
    await asked;
    expect(await watched.page.locator('.of-now:visible').count()).toBe(0);
    await watched.page.keyboard.press(' ');
    await watched.page.locator('.pill[data-state=paused]').waitFor();
    const marks = watched.page.locator('.of-now:visible');
    await marks.first().waitFor();
    expect(await marks.first().textContent()).toMatch(/: as of now$|^at \d\d:/);
    await watched.page.close();
    expect(watched.complaints).toEqual([]);
  }, 60_000);

  test('closes its help at Escape, and leaves the keys to it while it is open', async () => {
    const watched = await open();
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    await page.keyboard.press('?');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('s');
    expect(await page.locator('main.sql').isHidden()).toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.close();
    expect(watched.complaints).toEqual([]);
  }, 60_000);

  test('shows whole values in its legends at 1280 pixels while one points at a chart', async () => {
    const watched = await open('/#live=30s');
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    await page.locator('#cpu .surface').hover();
    await page.locator('#cpu .legend.pointing').waitFor();
    const cut: string[] = await page.evaluate(`[...document.querySelectorAll('.legend.pointing > div')]
      .filter((entry) => entry.offsetParent !== null && entry.scrollWidth > entry.clientWidth)
      .map((entry) => entry.textContent)`);
    expect(cut).toEqual([]);
    await page.close();
  }, 60_000);

  test('ends no axis beyond what there can be where nothing is drawn', async () => {
    // A day before anything was recorded.
    const fromMs = Date.now() - 2 * 86_400_000;
    const watched = await open(linkTo(fromMs, fromMs + 60_000));
    const { page } = watched;
    await page.locator('.pill[data-state=paused]').waitFor();
    await page.locator('#cpu canvas').first().waitFor();
    await catchTexts(page);
    await watched.until('window.texts.includes("100 %")');
    const texts: string[] = await page.evaluate('window.texts');
    expect(texts.filter((text) => text.endsWith(' %') && Number.parseFloat(text) > 100)).toEqual([]);
    await page.close();
  }, 60_000);

  test('names the marks of a view below a second by their own times', async () => {
    const fromMs = Math.floor((Date.now() - 10_000) / 1_000) * 1_000;
    const watched = await open(linkTo(fromMs, fromMs + 1_000));
    const { page } = watched;
    await page.locator('.pill[data-state=paused]').waitFor();
    await page.locator('#cpu canvas').first().waitFor();
    await catchTexts(page);
    await watched.until(String.raw`window.texts.filter((text) => /:\d\d\.\d$/.test(text)).length > 10`);
    const texts: string[] = await page.evaluate(
      String.raw`window.texts.filter((text) => /:\d\d\.\d$/.test(text))`,
    );
    // Cut off instead of rounded, one tenth was named twice and the next one not at all.
    const tenths = new Set(texts.map((text) => text.slice(-1)));
    expect([...tenths].sort().join('')).toMatch(/^0?123456789$|^02468$|^05$/);
    await page.close();
  }, 60_000);

  test('takes the completion away when a question is run', async () => {
    const watched = await open('/#sql=');
    const { page } = watched;
    const editor = page.locator('.editor .cm-content');
    await editor.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('SELECT count(*) FROM cp');
    await page.locator('.cm-tooltip-autocomplete').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('.cm-tooltip-autocomplete').waitFor({ state: 'detached' });
    await page.close();
  }, 60_000);
});

describe.skipIf(withoutChromium)('at a thousand snapshots a second the page', () => {
  test('says that it shows means', async () => {
    const server = await TestServer.start(['--interval', '1ms', '--collectors', 'cpu,memory']);
    const browser = await launchChromium();
    const watched = await WatchedPage.open(browser, `${server.url}/#live=2s`);
    await watched.page.locator('.pill[data-state=live]').waitFor();
    await watched.until(`/means of \\d+ ms/.test(document.querySelector('.when').textContent)`);
    await browser.close();
    await server.stop();
  }, 60_000);
});

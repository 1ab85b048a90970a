import { readFileSync } from 'node:fs';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { temporaryDataDir } from '../support/history.ts';
import { TestServer } from '../support/server.ts';

/** Presses a line of a menu and waits for the file. */
async function saved(page: Page, menu: string, line: string): Promise<Buffer> {
  await page.locator(menu).click();
  const [download] = await Promise.all([
    page.waitForEvent('download') as Promise<Download>,
    page.locator('.popover:popover-open').getByText(line).click(),
  ]);
  return readFileSync((await download.path()) ?? '');
}

describe.skipIf(withoutChromium)('what is taken from the page', () => {
  let browser: Browser;
  let server: TestServer;
  let remove: () => void;
  /** Two seconds in which everything was recorded. */
  let from = 0;
  let to = 0;
  beforeAll(async () => {
    const directory = temporaryDataDir();
    remove = directory.remove;
    server = await TestServer.start(['--data-dir', directory.dataDir]);
    browser = await launchChromium();
    const stream = server.connect('?collectors=memory');
    await stream.take(60);
    stream.close();
    const { rows } = await ask('SELECT epoch_ms(timestamp) FROM cpu ORDER BY timestamp LIMIT 1 OFFSET 12');
    from = rows[0]?.[0] ?? 0;
    to = from + 2_000;
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    remove();
  });

  const ask = async (sql: string): Promise<{ rows: number[][] }> => {
    const response = await server.fetch('/query', { method: 'POST', body: sql });
    const answer: { rows: number[][] } = JSON.parse(await response.text());
    return answer;
  };
  const open = async (more = ''): Promise<WatchedPage> => {
    const link = `/#from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}${more}`;
    const watched = await WatchedPage.open(browser, `${server.url}${link}`);
    await watched.until(
      `/\\d/.test(document.querySelector('[data-metric="memory||used_bytes"]').textContent)`,
    );
    return watched;
  };

  test('is every sample of a chart as CSV and Parquet, with the values that were recorded', async () => {
    const watched = await open();
    const { page } = watched;
    const csv = (await saved(page, '#memory .tools [title^=Save]', 'Every sample (CSV)')).toString();
    const [head = '', ...lines] = csv.trim().split(/\r?\n/);
    expect(head.split(',')[0]).toBe('timestamp');
    const column = head.split(',').indexOf('memory.used_bytes');
    const { rows } = await ask(
      `SELECT used_bytes FROM memory WHERE timestamp >= make_timestamptz(${from * 1000}) AND timestamp <= make_timestamptz(${to * 1000}) ORDER BY timestamp`,
    );
    expect(rows.length).toBeGreaterThan(10);
    expect(lines.map((line) => Number(line.split(',')[column]))).toEqual(rows.map(([used]) => used));
    const parquet = await saved(page, '#memory .tools [title^=Save]', 'Every sample (Parquet)');
    expect(parquet.subarray(0, 4).toString()).toBe('PAR1');
    const shown = (await saved(page, '#memory .tools [title^=Save]', 'What is shown (CSV)')).toString();
    expect(shown.split('\r\n')[0]).toMatch(/^timestamp,used lowest,used mean,used highest/);
    const table = (await saved(page, '#collectors .tools [title^=Save]', 'What is shown (CSV)')).toString();
    expect(table).toMatch(/^collector,state,late,took,covers\r\n(.*\r\n)*cpu,/);
    const view = (
      await saved(page, '.toolbar [title^="Save what is shown"]', 'Every sample (CSV)')
    ).toString();
    expect(view.split('\n')[0]).toMatch(/cpu\.user_percent/);
    expect(view.split('\n')[0]).toMatch(/cpu_core\.0\.usage_percent/);
    expect(view.trim().split('\n').length - 1).toBeGreaterThanOrEqual(rows.length);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('is a picture of a chart and of the view, with what is drawn in it', async () => {
    const watched = await open();
    const { page } = watched;
    for (const [menu, least] of [
      ['#memory .tools [title^=Save]', 300],
      ['.toolbar [title^="Save what is shown"]', 1200],
    ] as const) {
      const png = await saved(page, menu, 'Picture (PNG)');
      expect(png.subarray(1, 4).toString()).toBe('PNG');
      expect(png.readUInt32BE(16)).toBeGreaterThanOrEqual(least);
      // The line of used memory is in it, in its colour.
      const found: number = await page.evaluate(`(async () => {
        const image = new Image();
        image.src = 'data:image/png;base64,${png.toString('base64')}';
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = image.width;
        canvas.height = image.height;
        const context = canvas.getContext('2d', { willReadFrequently: true });
        const colorOf = (name) => {
          context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name);
          context.fillRect(0, 0, 1, 1);
          return context.getImageData(0, 0, 1, 1).data;
        };
        const line = colorOf('--series-1');
        const ground = colorOf('--panel');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4)
        {
          // A thin line lies half over its ground: the same share in each channel.
          const shares = [0, 1, 2].map((side) => (data[i + side] - ground[side]) / (line[side] - ground[side]));
          if (Math.min(...shares) > 0.3 && Math.max(...shares) - Math.min(...shares) < 0.1) count++;
        }
        return count;
      })()`);
      expect(found).toBeGreaterThan(least - 100);
    }
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('is the difference between two times, in numbers', async () => {
    from += 1_000;
    const watched = await open('&compare=1s');
    from -= 1_000;
    const { page } = watched;
    const mean = async (shift: number): Promise<number> => {
      // The page knows whole milliseconds.
      const at = (ms: number): string => `make_timestamptz(${(ms - shift) * 1000})`;
      const { rows } = await ask(
        `SELECT avg(load_avg_1m), avg(usage_percent) FROM cpu WHERE timestamp >= ${at(from + 1_000)} AND timestamp < ${at(to + 1)}`,
      );
      return rows[0]?.[1] ?? Number.NaN;
    };
    const [now, then] = [await mean(0), await mean(1_000)];
    const reading = page.locator('#cpu [data-metric="cpu||usage_percent"]');
    await reading.filter({ hasText: '(' }).waitFor();
    const [shown = 0, difference = 0] = (await reading.innerText())
      .replace('−', '-')
      .match(/[+-]?\d+\.\d/g)!
      .map(Number);
    expect(shown).toBeCloseTo(now, 0);
    expect(difference).toBeCloseTo(now - then, 0);
    await page.locator('#cpu .note', { hasText: '1 s earlier' }).waitFor();
    expect(await page.getByLabel('Compare with an earlier time').inputValue()).toBe('1');
    await page.getByLabel('Compare with an earlier time').selectOption('');
    await reading.filter({ hasNotText: '(' }).waitFor();
    await page.close();
    expect(watched.complaints).toEqual([]);
  });
});

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { temporaryDataDir } from '../support/history.ts';
import { TestServer } from '../support/server.ts';

/** What the address says. */
async function address(page: Page): Promise<URLSearchParams> {
  const hash: string = await page.evaluate('location.hash');
  return new URLSearchParams(hash.slice(1));
}

/** How many pixels of a chart have a colour of the style sheet, be it as thin as a line's edge. */
function pixelsOf(page: Page, panel: string, color: string): Promise<number> {
  return page.evaluate(`(() => {
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--${color}');
    probe.fillRect(0, 0, 1, 1);
    const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
    const canvas = document.querySelector('#${panel} canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4)
      if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 30 && data[i + 3] > 60) count++;
    return count;
  })()`);
}

describe.skipIf(withoutChromium)('hands on the charts', () => {
  let browser: Browser;
  let server: TestServer;
  let remove: () => void;
  beforeAll(async () => {
    const directory = temporaryDataDir();
    remove = directory.remove;
    server = await TestServer.start(['--data-dir', directory.dataDir]);
    browser = await launchChromium();
    const stream = server.connect('?collectors=memory');
    await stream.take(80);
    stream.close();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    remove();
  });

  const open = async (path = '/#live=10s'): Promise<WatchedPage> => {
    const watched = await WatchedPage.open(browser, `${server.url}${path}`);
    await watched.until(
      `/\\d/.test(document.querySelector('[data-metric="cpu||usage_percent"]').textContent)`,
    );
    return watched;
  };

  test('hides a series at a click, shows it alone at a double click, and says so in the address', async () => {
    const watched = await open();
    const { page } = watched;
    await watched.until(`document.querySelector('#memory canvas') !== null`);
    const settled = async (wanted: (count: number) => boolean): Promise<void> => {
      while (!wanted(await pixelsOf(page, 'memory', 'series-1'))) await page.waitForTimeout(50);
    };
    await settled((count) => count > 20);
    const used = page.locator('#memory .legend button', { hasText: 'used' });
    await used.click();
    await settled((count) => count === 0);
    expect((await address(page)).get('hide.memory')).toBe('used');
    expect(await used.getAttribute('aria-pressed')).toBe('false');
    // A link to it shows the same.
    const copy = await open(`/${await page.evaluate('location.hash')}`);
    await copy.until(`document.querySelector('#memory canvas') !== null`);
    expect(await copy.page.locator('#memory .legend button[aria-pressed=false]').allInnerTexts()).toEqual([
      'used',
    ]);
    await copy.page.close();
    await page.goBack();
    await settled((count) => count > 20);
    await used.dblclick();
    expect((await address(page)).get('hide.memory')).toBe('cache,swap');
    await used.click({ modifiers: ['Shift'] });
    expect((await address(page)).get('hide.memory')).toBe(null);
    await page.locator('#cpu .legend button', { hasText: 'user' }).click({ modifiers: ['Shift'] });
    expect((await address(page)).get('hide.cpu')?.split(',')).toHaveLength(6);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('undoes a zoom, a pan and a jump with Back, and does them again with Forward', async () => {
    const watched = await open();
    const { page } = watched;
    const seen: string[] = [await page.evaluate('location.hash')];
    const step = async (hand: () => Promise<void>): Promise<void> => {
      await hand();
      const hash: string = await page.evaluate('location.hash');
      expect(hash).not.toBe(seen.at(-1));
      seen.push(hash);
    };
    await step(() => page.keyboard.press(' '));
    await step(() => page.keyboard.press('+'));
    await step(() => page.keyboard.press('PageUp'));
    const box = (await page.locator('#cpu .surface').boundingBox())!;
    // Two moves of one drag are one step.
    await step(async () => {
      await page.mouse.move(box.x + 200, box.y + 20);
      await page.keyboard.down('Shift');
      await page.mouse.down();
      await page.mouse.move(box.x + 300, box.y + 20, { steps: 5 });
      await page.mouse.up();
      await page.keyboard.up('Shift');
    });
    await step(async () => {
      await page.keyboard.down('Control');
      for (let turn = 0; turn < 4; turn++) await page.mouse.wheel(0, -200);
      await page.keyboard.up('Control');
      await watched.until(`location.hash !== ${JSON.stringify(seen.at(-1))}`);
      await page.waitForTimeout(500);
    });
    for (const hash of seen.slice(0, -1).reverse()) {
      await page.goBack();
      expect(await page.evaluate('location.hash')).toBe(hash);
    }
    await page.locator('.pill[data-state=live]').waitFor();
    for (const hash of seen.slice(1)) {
      await page.goForward();
      expect(await page.evaluate('location.hash')).toBe(hash);
    }
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('zooms into values by the scale and with Alt, fits them on request, and goes back', async () => {
    const watched = await open();
    const { page } = watched;
    await watched.until(`document.querySelector('#memory canvas') !== null`);
    const axis = (await page.locator('#memory .value-axis').boundingBox())!;
    await page.mouse.move(axis.x + 20, axis.y + axis.height - 1);
    await page.mouse.down();
    await page.mouse.move(axis.x + 20, axis.y + axis.height / 2, { steps: 3 });
    await page.mouse.up();
    const values = async (): Promise<number[]> =>
      ((await address(page)).get('y.memory') ?? '').split('..').map(Number);
    const total = Number(
      ((await server.json('/snapshot')) as { memory: { total_bytes: number } }).memory.total_bytes,
    );
    const [from = 0, to = 0] = await values();
    expect(to / total).toBeCloseTo(0.5, 1);
    expect(from / total).toBeLessThan(0.02);
    const surface = (await page.locator('#memory .surface').boundingBox())!;
    await page.mouse.move(surface.x + 50, surface.y + surface.height / 2);
    await page.keyboard.down('Alt');
    await page.mouse.down();
    await page.mouse.move(surface.x + 60, surface.y + 1, { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up('Alt');
    const [above = 0] = await values();
    expect(above / total).toBeCloseTo(0.25, 1);
    await page.mouse.dblclick(axis.x + 20, axis.y + 20);
    expect((await address(page)).get('y.memory')).toBe(null);
    await page.locator('#memory .tools button').first().click();
    expect((await address(page)).get('y.memory')).toBe('auto');
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('enlarges a panel to the page, and back', async () => {
    const watched = await open();
    const { page } = watched;
    await page
      .locator('#network .tools')
      .getByRole('button', { name: /Enlarge/ })
      .click();
    expect((await address(page)).get('panel')).toBe('network');
    const box = (await page.locator('#network').boundingBox())!;
    expect(box.width).toBeGreaterThan(1200);
    expect(box.height).toBeGreaterThan(350);
    expect(await page.locator('#cpu').isVisible()).toBe(false);
    expect(await page.locator('#interfaces').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#cpu').isVisible()).toBe(true);
    await page.locator('#memory .surface').hover();
    await page.keyboard.press('f');
    expect((await address(page)).get('panel')).toBe('memory');
    await page.goBack();
    expect(await page.locator('#cpu').isVisible()).toBe(true);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('keeps the cursor at a moment that is clicked, in every chart and in the address', async () => {
    const watched = await open();
    const { page } = watched;
    await page.keyboard.press(' ');
    const surface = (await page.locator('#cpu .surface').boundingBox())!;
    await page.mouse.click(surface.x + surface.width / 2, surface.y + 20);
    const parts = await address(page);
    const [from, at, to] = ['from', 'at', 'to'].map((name) => Date.parse(parts.get(name) ?? ''));
    expect((at! - from!) / (to! - from!)).toBeCloseTo(0.5, 2);
    await page.mouse.move(5, 5);
    const hairs: number[] = await page.evaluate(
      `[...document.querySelectorAll('.hair:not([hidden])')].map((hair) => parseFloat(hair.style.left))`,
    );
    expect(hairs.length).toBeGreaterThan(5);
    for (const left of hairs) expect(left).toBeCloseTo(50, 0);
    await page.keyboard.press('Escape');
    expect((await address(page)).get('at')).toBe(null);
    expect(await page.locator('.hair:not([hidden])').count()).toBe(0);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('sorts and filters a table, draws several of its rows, and says all that in the address', async () => {
    const watched = await open();
    const { page } = watched;
    await page.locator('#collectors').scrollIntoViewIfNeeded();
    const rows = page.locator('#collectors tbody tr');
    await rows.first().waitFor();
    await page.locator('#collectors thead button', { hasText: 'took' }).click();
    expect((await address(page)).get('sort.collectors')).toBe('-took');
    await page.locator('#collectors th[aria-sort=descending]').waitFor();
    // On a busy host some are late, and have no figure.
    await watched.until(`(() => {
      const took = [...document.querySelectorAll('#collectors tbody tr')]
        .map((row) => parseFloat(row.cells[3].textContent))
        .filter((value) => !Number.isNaN(value));
      return took.length > 2 && took.every((value, index) => index === 0 || value <= took[index - 1]);
    })()`);
    await page.locator('#collectors .filter').fill('mem');
    await watched.until(`document.querySelectorAll('#collectors tbody tr').length === 2`);
    expect((await address(page)).get('filter.collectors')).toBe('mem');
    const names = await page.locator('#interfaces .row-name').allInnerTexts();
    expect(names.length).toBeGreaterThan(0);
    await page.locator('#interfaces .row-name').first().click();
    const chooser = page.locator('#network .chooser');
    const [first = ''] = names.map((name) => name.replace(/^[●○] /, ''));
    await page
      .locator(`#network .legend [data-metric="network_interface|${first}|bytes_recv_per_sec"]`)
      .waitFor();
    // A second one by typing; of a host with one interface it is the same, which is taken away again.
    await chooser.click();
    await page.keyboard.type('interface lo');
    await page.keyboard.press('Enter');
    const chosen = (await address(page)).get('network');
    expect(chosen?.split(',').sort()).toEqual([...new Set([`if:${first}`, 'if:lo'])].sort());
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('shows in its tables what was recorded at the moment looked at', async () => {
    const watched = await open();
    const { page } = watched;
    const { rows } = (await server.json('/query', {
      method: 'POST',
      body: "SELECT epoch_ms(timestamp), duration_ms FROM sampling_collector WHERE collector = 'cpu' AND state = 'ok' ORDER BY timestamp LIMIT 1 OFFSET 30",
    })) as { rows: number[][] };
    const [at = 0, took = 0] = rows[0]!;
    await page.goto(
      `${server.url}/#from=${new Date(at - 2_000).toISOString()}&to=${new Date(at + 2_000).toISOString()}&at=${new Date(at + 5).toISOString()}`,
    );
    await page.reload();
    await page.locator('#collectors').scrollIntoViewIfNeeded();
    const shown = page.locator('#collectors .of-now');
    await shown.filter({ hasText: /^at \d\d:/ }).waitFor();
    const tenth = new Date(Math.round(at / 100) * 100).toISOString().slice(11, 21);
    await shown.filter({ hasText: `at ${tenth}` }).waitFor();
    const cell = await page.locator('#collectors tr[data-label=cpu] td').nth(2).innerText();
    expect(Number.parseFloat(cell)).toBeCloseTo(took, 1);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('says where nothing was recorded, since when there is something, and how wide its columns are', async () => {
    const { rows } = (await server.json('/query', {
      method: 'POST',
      body: 'SELECT epoch_ms(min(timestamp)) FROM sampling',
    })) as { rows: number[][] };
    const began = rows[0]?.[0] ?? 0;
    const link = (from: number, to: number): string =>
      `/#from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
    const watched = await WatchedPage.open(browser, `${server.url}${link(began - 20_000, began + 5_000)}`);
    const { page } = watched;
    const said = new Date(began).toISOString().slice(11, 19);
    await page.locator('#cpu .void', { hasText: `recording began ${said}` }).waitFor();
    await page.locator('#cores .void', { hasText: `recording began ${said}` }).waitFor();
    // Where the samples begin the words end.
    const { left, width } = await page.evaluate<{ left: number; width: number }>(`(() => {
      const { style } = document.querySelector('#cpu .void');
      return { left: parseFloat(style.left), width: parseFloat(style.width) };
    })()`);
    const cpu = (await server.json('/query', {
      method: 'POST',
      body: 'SELECT epoch_ms(min(timestamp)) FROM cpu WHERE usage_percent IS NOT NULL',
    })) as { rows: number[][] };
    const share = ((cpu.rows[0]?.[0] ?? 0) - (began - 20_000)) / 25_000;
    expect(left + width).toBeCloseTo(share * 100, 0);
    // Of 25 s at ten a second each sample has a column of its own.
    await page
      .getByText('from history, every sample')
      .or(page.locator('.when small:empty'))
      .first()
      .waitFor();
    await page.locator('#cpu .note').waitFor({ state: 'hidden' });
    await page.goto(`${server.url}${link(began - 600_000, began + 5_000)}`);
    await page.reload();
    await page.locator('#cpu .note', { hasText: /^mean ≤ highest of \d+ (ms|s), shaded up/ }).waitFor();
    await page.locator('#memory .note', { hasText: /^mean ≤ highest of \d/ }).waitFor();
    expect(await page.locator('#cores .ramp').innerText()).toMatch(/0 %.*100 % busy/s);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('tells times by the viewer’s clock or in UTC, the same in charts, SQL and address', async () => {
    const watched = await WatchedPage.open(browser, `${server.url}/#live=10s`, {
      timezoneId: 'Asia/Kolkata',
    });
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    await page.keyboard.press(' ');
    const local = (await address(page)).get('from') ?? '';
    expect(local).toMatch(/\+05:30$/);
    const minutes = (text: string): string => text.slice(11, 16);
    expect(await page.locator('.when').innerText()).toContain(minutes(local));
    await page.keyboard.press('z');
    const parts = await address(page);
    expect(parts.get('tz')).toBe('utc');
    expect(Date.parse(parts.get('from') ?? '')).toBe(Date.parse(local));
    expect(parts.get('from')).toMatch(/Z$/);
    await watched.until(
      `document.querySelector('.when').textContent.includes(${JSON.stringify(minutes(parts.get('from') ?? ''))})`,
    );
    await page.goto(
      `${server.url}/#sql=${encodeURIComponent('SELECT timestamp FROM cpu ORDER BY timestamp LIMIT 1')}`,
    );
    await page.reload();
    const moment = page.locator('.result-table .moment');
    await moment.waitFor();
    const inLocal = await moment.innerText();
    expect(inLocal).toMatch(/\.\d{6}\+05:30$/);
    await page.locator('.zone').click();
    await page.locator('.result-table .moment', { hasText: /Z$/ }).waitFor();
    expect(Date.parse(await moment.innerText())).toBe(Date.parse(inLocal));
    await page.close();
    expect(watched.complaints).toEqual([]);
  });
});

import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { skipUnless } from './skip.ts';

const CHROMIUM = '/usr/bin/chromium';

/** For `describe.skipIf`: true, with the reason printed, where Debian's chromium is not installed. */
export const withoutChromium = skipUnless('chromium', existsSync(CHROMIUM));

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}

/** A page, and everything about it that must not happen. */
export class WatchedPage {
  readonly page: Page;
  /** Errors on the console, uncaught ones, and requests to other hosts. */
  readonly complaints: string[] = [];

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<WatchedPage> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    const watched = new WatchedPage(page, new URL(url).origin);
    await page.goto(url);
    return watched;
  }

  private constructor(page: Page, origin: string) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    const watch = (url: string): void => {
      const { origin: asked, protocol } = new URL(url);
      if (protocol !== 'data:' && asked.replace(/^ws/, 'http') !== origin)
        this.complaints.push(`request to ${url}`);
    };
    page.on('request', (request) => watch(request.url()));
    page.on('websocket', (socket) => watch(socket.url()));
  }

  /** Waits until an expression is true. Playwright's own way of waiting is not let in by the page's policy. */
  async until(expression: string, everyMs = 50): Promise<void> {
    while (!(await this.page.evaluate(expression))) await this.page.waitForTimeout(everyMs);
  }

  /** The text of the reading with this name. */
  reading(metric: string): Promise<string> {
    return this.page.locator(`[data-metric="${metric}"]`).first().innerText();
  }

  /** All readings at one moment, by name. */
  readings(): Promise<Record<string, string>> {
    return this.page.evaluate(
      `Object.fromEntries([...document.querySelectorAll('[data-metric]')]
        .map((node) => [node.dataset.metric, node.textContent]))`,
    );
  }

  /**
   * For each column of pixels of the heat map of the cores, whether there is a sample: what is missing is
   * transparent, an idle core is not.
   */
  coreColumns(): Promise<boolean[]> {
    return this.page.evaluate(`(() => {
      const canvas = document.querySelector('#cores canvas');
      const { left, width } = document.querySelector('#cores .surface').getBoundingClientRect();
      const ratio = canvas.width / canvas.clientWidth;
      const start = Math.round((left - canvas.getBoundingClientRect().left) * ratio);
      const row = canvas.getContext('2d').getImageData(start, 12 * ratio, Math.round(width * ratio), 1);
      return Array.from({ length: row.width }, (_, column) => row.data[column * 4 + 3] > 0);
    })()`);
  }

  /** Seconds of CPU the process that draws the page has used. */
  async rendererCpuSeconds(): Promise<number> {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Performance.enable', { timeDomain: 'timeTicks' });
    const { metrics } = await session.send('Performance.getMetrics');
    await session.detach();
    return metrics.find(({ name }) => name === 'ProcessTime')?.value ?? Number.NaN;
  }
}

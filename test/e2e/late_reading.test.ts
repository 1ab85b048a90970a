import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PerfEventsData } from '../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { StreamServer } from '../../src/server/stream_server.ts';
import { EncodedSnapshot } from '../../src/wire/encoded_snapshot.ts';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { ENGINE } from '../support/engines.ts';
import { wholeSnapshot } from '../support/snapshots.ts';

const INTERVAL_MS = 100;

const WITHOUT_PMU: PerfEventsData = {
  available: false,
  cpu_cores: 'all',
  interval_ms: INTERVAL_MS,
  events: { 'context-switches': { value: 500, total: 500, unit: null } },
  unsupported_events: ['cycles', 'instructions'],
  error: 'this virtual machine has no PMU',
};

/** What the page makes of a collector that misses a tick, from snapshots made by hand. */
describe.skipIf(withoutChromium)('a reading that comes too late', () => {
  let server: StreamServer;
  let browser: Browser;
  let watched: WatchedPage;
  const packer = new SnapshotPacker();
  let sequence = 0;

  /** Sends snapshots with this of perf, none being a tick missed, until the page shows one. */
  async function show(perf: PerfEventsData | undefined): Promise<void> {
    const first = sequence + 1;
    while (Number(await watched.reading('sequence')) < first) {
      const snapshot = wholeSnapshot(++sequence);
      snapshot.timestamp = new Date().toISOString().replace('Z', '000Z');
      if (perf !== undefined) snapshot.perf_events = perf;
      else {
        delete snapshot.perf_events;
        const missed_ticks = sequence - first + 1;
        snapshot.sampling.collectors.perf_events = { state: 'late', missed_ticks };
      }
      server.publish([new EncodedSnapshot(packer.pack(snapshot))]);
      await watched.page.waitForTimeout(INTERVAL_MS);
    }
  }

  const notice = () => watched.page.locator('#perf_events .notice');

  beforeEach(async () => {
    server = await StreamServer.start({
      engine: ENGINE,
      listen: { host: '127.0.0.1', port: 0 },
      source: {
        intervalMs: INTERVAL_MS,
        latest: undefined,
        collectors: [],
        setEnabled: () => {},
        drain: () => {},
        setPace: () => {},
      },
      version: '0',
      hostname: 'test',
    });
    browser = await launchChromium();
    watched = await WatchedPage.open(browser, `http://127.0.0.1:${server.port}/`);
    await watched.page.locator('#perf_events').scrollIntoViewIfNeeded();
  });
  afterEach(async () => {
    await browser.close();
    await server.close();
  });

  test('is missing, which says nothing about hardware that has counted', async () => {
    const ipc = '#perf_events [data-metric*="instructions_per_cycle"] .reading';
    const page = watched.page;
    await show(wholeSnapshot(1).perf_events);
    await page.locator(ipc, { hasText: '1.8' }).first().waitFor();
    await show(undefined);
    await page.locator(`${ipc}.absent[title*="did not answer in time"]`).first().waitFor();
    expect(await notice().isVisible()).toBe(false);
    await show(WITHOUT_PMU);
    await notice().filter({ hasText: WITHOUT_PMU.error! }).waitFor();
    await show(undefined);
    const switches = '#perf_events .events [data-metric*="context-switches"] .reading';
    await page.locator(`${switches}.absent[title*="did not answer in time"]`).first().waitFor();
    expect(await notice().innerText()).toContain(WITHOUT_PMU.error);
    await show(wholeSnapshot(1).perf_events);
    await notice().waitFor({ state: 'hidden' });
    // Nothing is recorded here, which the browser complains about by itself when the page asks for history.
    expect(watched.complaints.filter((complaint) => !/status of (404|503)/.test(complaint))).toEqual([]);
  });
});

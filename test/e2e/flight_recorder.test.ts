import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { History } from '../../src/history/history.ts';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { HOUR_MS, packedAt, settingsFor, temporaryDataDir } from '../support/history.ts';
import { MAIN, TestServer } from '../support/server.ts';

/** An hour that is older than it is kept, ten snapshots a second for its first ten minutes. */
const SINCE_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 3 * HOUR_MS;
const SNAPSHOTS = 6_000;
const BEGAN_MS = SINCE_MS + 300_000;
const ENDED_MS = BEGAN_MS + 2_000;
const iso = (unixMs: number): string => new Date(unixMs).toISOString();
const OLD = `timestamp < '${iso(SINCE_MS + HOUR_MS)}'`;

let server: TestServer;
let dataDir: string;
let remove: () => void;

/** The first row of an answer. */
function ask(sql: string): unknown {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'query', '--url', server.url, '--format', 'json', sql],
    { encoding: 'utf8' },
  );
  if (stdout === '') throw new Error(stderr);
  const { rows }: { rows: unknown[][] } = JSON.parse(stdout);
  return rows[0];
}

beforeAll(async () => {
  ({ dataDir, remove } = temporaryDataDir());
  const history = await History.open(settingsFor(dataDir, { journalMs: 600_000 }));
  for (let i = 0; i < SNAPSHOTS; i++) history.record(packedAt(i, SINCE_MS + i * 100));
  await history.close();
  const file = join(dataDir, 'incidents', `${iso(BEGAN_MS).slice(0, 10)}.ndjson`);
  mkdirSync(join(dataDir, 'incidents'));
  const incident = { id: 'burst', watch: 'burst', began: iso(BEGAN_MS), ended: iso(ENDED_MS), processes: [] };
  writeFileSync(file, `${JSON.stringify(incident)}\n`);
  const args = ['--data-dir', dataDir, '--retention', '1h', '--retention-incidents', '2d', '--budget', 'off'];
  server = await TestServer.start(args);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  remove();
});

test('what was around an incident is kept beyond its hour, of the rest the rollups', async () => {
  await vi.waitFor(
    () =>
      expect(ask(`SELECT count(*), max(tick) - min(tick) FROM sampling WHERE ${OLD}`)).toEqual([221, 220]),
    { timeout: 60_000, interval: 500 },
  );
  const sum = `SELECT sum(samples)::INTEGER, min(tick_min), max(tick_max) FROM sampling_1s WHERE ${OLD}`;
  expect(ask(sum)).toEqual([SNAPSHOTS, 0, SNAPSHOTS - 1]);
  const health = await server.json('/health');
  expect(health.history).toMatchObject({
    raw_incidents_since: iso(BEGAN_MS - 10_000).replace('Z', '000Z'),
    rollups_since: iso(SINCE_MS).replace('Z', '000Z'),
  });
  expect(existsSync(join(dataDir, 'incidents'))).toBe(true);
});

describe.skipIf(withoutChromium)('the dashboard', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test('shows every sample around an incident and a step a second beside that, and says which is which', async () => {
    const link = `/#from=${iso(BEGAN_MS - 30_000)}&to=${iso(ENDED_MS + 30_000)}`;
    const watched = await WatchedPage.open(browser, `${server.url}${link}`);
    const detail = `document.querySelector('.when small')?.textContent`;
    await watched.until(`${detail}?.startsWith('from history')`);
    expect(await watched.page.evaluate(detail)).toMatch(
      /^from history, every sample [\d:.]+ – [\d:.]+, else a step a second$/,
    );
    const close = `/#from=${iso(BEGAN_MS - 1_000)}&to=${iso(ENDED_MS + 1_000)}`;
    await watched.page.goto(`${server.url}${close}`);
    await watched.until(`${detail} === 'from history, every sample'`);
    const away = `/#from=${iso(BEGAN_MS + 60_000)}&to=${iso(BEGAN_MS + 120_000)}`;
    await watched.page.goto(`${server.url}${away}`);
    // Nothing is kept there, so that a second is all there is to ask for.
    await watched.until(`${detail} === 'from history, 1 s a column'`);
    const beside = `/#from=${iso(BEGAN_MS + 14_000)}&to=${iso(BEGAN_MS + 20_000)}`;
    await watched.page.goto(`${server.url}${link}`);
    await watched.until(`${detail}?.includes(' – ')`);
    await watched.page.goto(`${server.url}${beside}`);
    await watched.until(`${detail} === 'from history, a step a second'`);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });
});

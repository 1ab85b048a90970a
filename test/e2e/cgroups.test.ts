import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { temporaryDataDir } from '../support/history.ts';
import { MachineCopy } from '../support/machine.ts';
import { TestServer } from '../support/server.ts';

const DOCKER = 'docker/9f3c12ab34cd';
const DOCKER_PATH = `sys/fs/cgroup/system.slice/docker-${'9f3c12ab34cd56ef'.repeat(4)}.scope`;

/** A machine whose largest container uses half a core. */
describe('groups of a machine', () => {
  let copy: MachineCopy;
  let server: TestServer;
  let remove: () => void;
  let moving: ReturnType<typeof setInterval>;
  beforeAll(async () => {
    copy = new MachineCopy('container-host');
    const data = temporaryDataDir();
    remove = data.remove;
    server = await TestServer.start([
      '--rootfs',
      copy.rootfs,
      '--collectors',
      'memory,cgroups',
      '--data-dir',
      data.dataDir,
      '--budget',
      'off',
    ]);
    const startMs = performance.now();
    moving = setInterval(() => {
      const us = 1_000_000_000 + Math.round((performance.now() - startMs) * 500);
      copy.write(
        `${DOCKER_PATH}/cpu.stat`,
        `usage_usec ${us}\nuser_usec ${us}\nsystem_usec 0\nnr_periods 36000\nnr_throttled 9000\nthrottled_usec 400000000\n`,
      );
    }, 20);
  });
  afterAll(async () => {
    clearInterval(moving);
    await server?.stop();
    remove();
    copy?.dispose();
  });

  test('stand in the stream, with their rates', async () => {
    const client = server.connect();
    await client.until(() => (client.snapshots.at(-1)?.cgroups?.groups[DOCKER]?.cpu_percent ?? 0) > 0);
    const { cgroups, sampling } = client.snapshots.at(-1)!;
    expect(cgroups!.groups[DOCKER]).toMatchObject({ kind: 'container', tasks: 12, oom_kills: 1 });
    expect(cgroups!.groups['lxc/web']).toMatchObject({ cpu_percent: 0 });
    expect(sampling.collectors.cgroups).toMatchObject({ state: 'ok' });
    client.close();
  });

  test('are a table in history', async () => {
    const ask = async (sql: string): Promise<unknown[][]> => {
      const response = await server.fetch('/query', { method: 'POST', body: sql });
      const { rows } = (await response.json()) as { rows: unknown[][] };
      return rows;
    };
    const busy = `SELECT count(*) FROM cgroup WHERE cgroup = '${DOCKER}' AND cpu_percent > 10`;
    for (;;) {
      const [[found] = []] = await ask(busy);
      if (Number(found) > 5) break;
      await delay(200);
    }
    const columns = (await ask('DESCRIBE cgroup')).map(([name]) => name);
    expect(columns.slice(0, 6)).toEqual([
      'timestamp',
      'cgroup',
      'cpu_percent',
      'user_percent',
      'system_percent',
      'throttled_percent',
    ]);
    expect(await ask("SELECT DISTINCT kind FROM cgroup WHERE cgroup = 'lxc/web'")).toEqual([['container']]);
  });

  test('have series with their names in /metrics', async () => {
    const text = await (await server.fetch('/metrics')).text();
    expect(text).toMatch(/^hzstat_cgroup_cpu_seconds_total\{cgroup="lxc\/web"\} 400$/m);
    expect(text).toMatch(
      /^hzstat_cgroup_pressure_some_seconds_total\{cgroup="docker\/9f3c12ab34cd",resource="io"\}/m,
    );
  });

  describe.skipIf(withoutChromium)('on the page', () => {
    test('the busiest is a row of the heat map, and the table sorts by the head that is pressed', async () => {
      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const watched = await WatchedPage.open(browser, server.url);
      const { page } = watched;
      await page.locator('#cgroups').scrollIntoViewIfNeeded();
      await watched.until(
        `/^docker\\/9f3c12ab34cd\\s+\\d/.test(document.querySelector('#cgroups .group-names')?.innerText ?? '')`,
      );
      expect(await page.locator('#cgroups .group-names > div').count()).toBe(1);
      await page.locator('#groups').scrollIntoViewIfNeeded();
      const labels = (): Promise<string[]> =>
        page.evaluate(`[...document.querySelectorAll('#groups tbody tr')].map((row) => row.dataset.label)`);
      await watched.until(`document.querySelector('#groups tbody tr')?.dataset.label === '${DOCKER}'`);
      await page.locator('#groups thead button', { hasText: 'tasks' }).click();
      expect((await labels())[0]).toBe('lxc/web');
      expect(await page.locator('#groups th[aria-sort=descending]').innerText()).toContain('tasks');
      await page.locator('#groups thead button', { hasText: 'group' }).click();
      const names = await labels();
      expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
      await page.locator('#groups thead button', { hasText: 'group' }).click();
      expect(await labels()).toEqual(names.reverse());
      if (process.env.HZSTAT_SHOT !== undefined)
        await page.screenshot({ path: process.env.HZSTAT_SHOT, fullPage: true });
      expect(watched.complaints).toEqual([]);
      await page.close();
    });
  });
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { History } from '../../src/history/history.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { launchChromium, WatchedPage, withoutChromium } from '../support/browser.ts';
import { cpuSeconds } from '../support/cpu_seconds.ts';
import { HOUR_MS, settingsFor, snapshotAt, temporaryDataDir } from '../support/history.ts';
import { type TestClient, TestServer } from '../support/server.ts';

/** The pace is part of what is looked at: it must not change because the host is busy with other tests. */
const serving = (dataDir: string): string[] => ['--data-dir', dataDir, '--budget', 'off'];
const SECONDS_BEFORE = 4;

/** Where samples begin, and the holes after that, as numbers of columns. */
function stretches(columns: readonly boolean[]): { begin: number; holes: number[] } {
  const begin = columns.indexOf(true);
  const holes: number[] = [];
  for (let column = begin; begin !== -1 && column < columns.length; column++) {
    if (columns[column]) continue;
    if (columns[column - 1]) holes.push(0);
    holes[holes.length - 1]!++;
  }
  return { begin, holes };
}

describe.skipIf(withoutChromium)('the dashboard', () => {
  let browser: Browser;
  let server: TestServer;
  let dataDir: string;
  let remove: () => void;
  /** Everything the sampler has to tell of the CPU, from its first snapshot on. */
  let stream: TestClient;
  beforeAll(async () => {
    ({ dataDir, remove } = temporaryDataDir());
    server = await TestServer.start(serving(dataDir));
    browser = await launchChromium();
    stream = server.connect('?collectors=cpu');
    await stream.take(SECONDS_BEFORE * 10);
  });
  afterAll(async () => {
    stream?.close();
    await browser?.close();
    await server?.stop();
    remove();
  });

  const open = (path = '/'): Promise<WatchedPage> => WatchedPage.open(browser, `${server.url}${path}`);

  test('is served with a policy that lets in nothing from outside', async () => {
    const response = await server.fetch('/');
    expect(response.headers.get('content-type')).toMatch('text/html');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(await response.text()).not.toMatch(/<style|style=|<script>|https?:\/\/(?!www\.w3\.org)/);
    for (const path of ['/app.js', '/app.css', '/sql_editor.js']) {
      expect((await server.fetch(path)).status).toBe(200);
    }
    for (const path of ['/index.html', '/../package.json', '/%2e%2e/package.json', '/app.js/..']) {
      const { status } = await server.fetch(path);
      expect(status, path).not.toBe(500);
      if (!path.endsWith('..')) expect(status, path).toBe(404);
    }
  });

  test('shows what the stream says, live', async () => {
    const client = server.connect();
    await client.take(1);
    const watched = await open();
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    await watched.until(`document.querySelector('[data-metric=sequence]').textContent !== ''`);
    const bySequence = new Map<number, Snapshot>();
    let compared = 0;
    const seen = new Set<number>();
    while (compared < 5) {
      const readings = await watched.readings();
      const sequence = Number(readings.sequence);
      await client.until(() => (client.snapshots.at(-1)?.sequence ?? -1) >= sequence);
      for (const snapshot of client.snapshots) bySequence.set(snapshot.sequence, snapshot);
      const snapshot = bySequence.get(sequence);
      if (snapshot?.cpu === undefined || seen.has(sequence)) continue;
      seen.add(sequence);
      const { cpu, sampling } = snapshot;
      expect(readings).toMatchObject({
        'cpu||usage_percent': `${cpu.usage_percent.toFixed(1)} %`,
        'cpu||user_percent': `${cpu.user_percent.toFixed(1)} %`,
        'cpu||idle_percent': `${cpu.idle_percent.toFixed(1)} %`,
        'cpu||load_avg_1m': cpu.load_avg_1m!.toFixed(2),
        'sampling||missed_ticks': String(sampling.missed_ticks),
        'cpu_core|0|usage_percent': cpu.per_core[0] == null ? 'N/A' : `${cpu.per_core[0].toFixed(1)} %`,
      });
      compared++;
    }
    client.close();
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('opens with what was before drawn already, and goes on without a gap', async () => {
    const watched = await open('/#live=30s');
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    const first = Number(await watched.reading('sequence').catch(() => '0'));
    await watched.until(
      `Number(document.querySelector('[data-metric=sequence]').textContent) > ${first + 20}`,
    );
    let drawn = stretches(await watched.coreColumns());
    const perSecond = (await watched.coreColumns()).length / 30;
    // History may answer a moment after the first live samples.
    while (drawn.begin > (30 - SECONDS_BEFORE - 1) * perSecond) {
      await page.waitForTimeout(100);
      drawn = stretches(await watched.coreColumns());
    }
    // A busy host may have missed a tick or a reading: then there is a gap to be shown.
    const missed = stream.snapshots.at(-1)!.sampling.missed_ticks;
    const without = stream.snapshots.filter(({ cpu }, index) => index > 5 && cpu === undefined).length;
    expect(drawn.holes.length).toBeLessThanOrEqual(missed + without);
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('pauses, zooms, moves and goes live again, by keyboard and by mouse', async () => {
    const watched = await open('/#live=20s');
    const { page } = watched;
    const state = page.locator('.pill');
    await page.locator('.pill[data-state=live]').waitFor();
    await page.keyboard.press(' ');
    await page.locator('.pill[data-state=paused]').waitFor();
    const range = async (): Promise<[number, number]> => {
      const hash: string = await page.evaluate('location.hash');
      const parts = new URLSearchParams(hash.slice(1));
      return [Date.parse(parts.get('from') ?? ''), Date.parse(parts.get('to') ?? '')];
    };
    const [from, to] = await range();
    const width = async (): Promise<number> => ((await range())[1] - (await range())[0]) / 1000;
    expect(to - from).toBeCloseTo(20_000, -2);
    await page.keyboard.press('ArrowLeft');
    expect(await range()).toEqual([from - 10_000, to - 10_000]);
    await page.keyboard.press('+');
    expect(await width()).toBe(10);
    const box = (await page.locator('#memory .surface').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 20, { steps: 3 });
    await page.mouse.up();
    expect(await width()).toBeCloseTo(5, 0);
    await page.locator('#cpu .hair').waitFor();
    await page.keyboard.press(' ');
    await page.locator('.pill[data-state=live]').waitFor();
    expect(await state.innerText()).toMatch('live 10 Hz');
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('shows a moment of the past from a link, with the samples of then', async () => {
    const answer = await server.fetch('/query', {
      method: 'POST',
      body: 'SELECT epoch_ms(timestamp), usage_percent, sequence FROM cpu JOIN sampling USING (timestamp) ORDER BY sequence LIMIT 60 OFFSET 10',
    });
    const all: { rows: number[][] } = JSON.parse(await answer.text());
    // Three snapshots one behind another: on a busy host one may lack its cpu, and then the page says so.
    const first = all.rows.findIndex((row, index) => all.rows[index + 2]?.[2] === row[2]! + 2);
    const rows = all.rows.slice(first, first + 3);
    const [at = 0] = rows[1]!;
    const link = `/#from=${new Date(at - 1000).toISOString()}&to=${new Date(at).toISOString()}`;
    const watched = await open(link);
    const { page } = watched;
    await page.locator('.pill[data-state=paused]').waitFor();
    // Paused, the readings are those at the right edge: of that sample or, its time not being whole milliseconds,
    // of one beside it.
    // Recorded shares have two digits, shown ones one of what came over the stream: rounded twice, or once.
    const wanted = rows.map(([, usage = 0]) => usage);
    await watched.until(
      `${JSON.stringify(wanted)}.some((usage) => Math.abs(usage - parseFloat(document.querySelector('[data-metric="cpu||usage_percent"]').textContent)) < 0.06)`,
    );
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('says why a value is not there', async () => {
    const watched = await open();
    const { page } = watched;
    const client = server.connect();
    await client.until(() => client.snapshots.some((each) => each.cpu && each.perf_events));
    client.close();
    const { cpu, perf_events: perf } = client.snapshots.find((each) => each.cpu && each.perf_events)!;
    if (cpu!.temperature_celsius === null) {
      const reading = '#system [data-metric="cpu||temperature_celsius"] .reading';
      await page.locator(`${reading}[title*="no temperature sensor"]`).waitFor();
      expect(await page.locator(reading).innerText()).toBe('N/A');
    }
    if (perf!.available === false) {
      const notice = page.locator('#perf_events .notice');
      await page.locator('#perf_events').scrollIntoViewIfNeeded();
      await notice.waitFor();
      expect(await notice.innerText()).toContain('Hardware Performance Counters Unavailable');
      expect(await notice.innerText()).toContain(perf!.error);
    }
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('switches a collector off, says so, and on again', async () => {
    const watched = await open();
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    await page.keyboard.press('c');
    const box = page.getByRole('switch', { name: 'memory' }).first();
    await box.uncheck();
    const used = '#memory [data-metric="memory||used_bytes"] .reading';
    await page.locator(`${used}.absent[title="the collector memory is switched off"]`).waitFor();
    await box.check();
    await page.locator(`${used}:not(.absent)`).waitFor();
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('starts a collector that was not started', async () => {
    const watched = await open();
    const { page } = watched;
    await page.locator('.pill[data-state=live]').waitFor();
    await page.keyboard.press('c');
    const box = page.getByRole('switch', { name: 'interrupts' }).first();
    const state = page.locator('li', { has: box }).locator('.state');
    await expect.poll(() => state.textContent()).toBe('not started');
    expect(await box.isChecked()).toBe(false);
    await box.check();
    await expect.poll(() => state.textContent()).toBe('running');
    expect(await server.json('/snapshot')).toMatchObject({ interrupts: { interrupts: expect.any(Number) } });
    await page.close();
    expect(watched.complaints).toEqual([]);
  });

  test('answers a question in SQL, shows its chart, and an error where it happens', async () => {
    const watched = await open('/#live=20s');
    const { page } = watched;
    await page.keyboard.press('s');
    const editor = page.getByRole('textbox', { name: 'SQL' });
    await editor.waitFor();
    const ask = async (sql: string): Promise<void> => {
      await editor.press('Control+A');
      await page.keyboard.type(sql);
      await page.keyboard.press('Control+Enter');
    };
    await ask('SELECT timestamp, usage_percent FROM cpu ORDER BY timestamp LIMIT 20');
    await page.locator('.result-table tbody tr').nth(19).waitFor();
    expect(await page.locator('.message').innerText()).toMatch(/^20 rows in /);
    await page.locator('.result-chart canvas').waitFor();
    await ask('SELECT nothing FROM cpu');
    await page.locator('.message.error').waitFor();
    expect(await page.locator('.message').innerText()).toMatch(/nothing/);
    expect(await page.locator('.result-table').count()).toBe(0);
    await ask('SELECT timestamp FROM cpu ORDER BY timestamp LIMIT 1 OFFSET 15');
    const moment = page.locator('.result-table .moment');
    const at = Date.parse(await moment.innerText());
    await moment.click();
    await page.locator('#cpu canvas').waitFor();
    const hash: string = await page.evaluate('location.hash');
    expect(Date.parse(new URLSearchParams(hash.slice(1)).get('from') ?? '')).toBeCloseTo(at - 5_000, -1);
    await page.close();
    // The browser itself reports every answer with a status of 400 or more.
    expect(watched.complaints.filter((text) => !text.includes('400 (Bad Request)'))).toEqual([]);
  });
});

describe.skipIf(withoutChromium)('when the server is restarted', () => {
  test('the dashboard says that the connection is lost, and goes on by itself', async () => {
    const { dataDir, remove } = temporaryDataDir();
    // Not of the range the system chooses from, where the port may be another's by the time of the restart.
    const listen = ['--listen', `127.0.0.1:${20_000 + (process.pid % 10_000)}`];
    const first = await TestServer.start([...serving(dataDir), ...listen]);
    const browser = await launchChromium();
    const watched = await WatchedPage.open(browser, `${first.url}/#live=60s`);
    const { page } = watched;
    await watched.until(`Number(document.querySelector('[data-metric=sequence]').textContent) > 20`);
    await first.stop();
    await page.locator('.banner').waitFor();
    expect(await page.locator('.banner').innerText()).toMatch(/Connection lost.*trying again/);
    expect(await page.locator('.pill').getAttribute('data-state')).toBe('lost');
    const second = await TestServer.start([
      '--data-dir',
      dataDir,
      '--listen',
      first.url.replace('http://', ''),
    ]);
    await page.locator('.banner').waitFor({ state: 'hidden' });
    await page.locator('.pill[data-state=live]').waitFor();
    // What was before the restart is still there, and the only hole is the one without a server.
    let drawn = stretches(await watched.coreColumns());
    while (drawn.holes.length !== 1) {
      await page.waitForTimeout(100);
      drawn = stretches(await watched.coreColumns());
    }
    await browser.close();
    await second.stop();
    remove();
  });
});

describe.skipIf(withoutChromium)('hours later', () => {
  test('a single sample is still seen in a view of hours', async () => {
    const { dataDir, remove } = temporaryDataDir();
    const startMs = Math.floor(Date.now() / HOUR_MS - 4) * HOUR_MS;
    const seconds = 3 * 3600;
    const spike = 5_000;
    const history = await History.open(settingsFor(dataDir));
    const packer = new SnapshotPacker();
    for (let second = 0; second < seconds; second++) {
      const snapshot = snapshotAt(second, startMs + second * 1000);
      snapshot.sampling.interval_ms = 1000;
      snapshot.cpu = cpuAt(second === spike ? 97 : 5);
      history.record(packer.pack(snapshot));
    }
    await history.close();
    const server = await TestServer.start(serving(dataDir));
    const browser = await launchChromium();
    const iso = (second: number): string => new Date(startMs + second * 1000).toISOString();
    const watched = await WatchedPage.open(browser, `${server.url}/#from=${iso(0)}&to=${iso(seconds)}`);
    const { page } = watched;
    await page.getByText('from history, 15 s a column').waitFor();
    const box = (await page.locator('#cpu .surface').boundingBox())!;
    await page.mouse.move(box.x + ((spike + 7) / seconds) * box.width, box.y + 10);
    const reading = `document.querySelector('#cpu [data-metric="cpu||usage_percent"]').textContent`;
    await watched.until(`${reading}.endsWith(' ≤ 97.0 %')`);
    // The pointer is on the spike: closer and closer, down to the sample itself.
    await page.keyboard.down('Control');
    for (let step = 0; step < 12; step++) await page.mouse.wheel(0, -400);
    await page.keyboard.up('Control');
    await page.getByText('from history, every sample').waitFor();
    await browser.close();
    await server.stop();
    remove();
    expect(watched.complaints).toEqual([]);
  });
});

function cpuAt(usage: number): NonNullable<Snapshot['cpu']> {
  return {
    usage_percent: usage,
    per_core: [usage, usage],
    user_percent: usage,
    nice_percent: 0,
    system_percent: 0,
    idle_percent: 100 - usage,
    iowait_percent: 0,
    irq_percent: 0,
    softirq_percent: 0,
    steal_percent: 0,
    frequency_mhz: null,
    load_avg_1m: 1,
    load_avg_5m: 1,
    load_avg_15m: 1,
    temperature_celsius: null,
    ...cpuSeconds(2),
  };
}

/** Drawing of the kind the page does, which takes 0.2 seconds of one core where the page takes a tenth of it with 10 ms a snapshot. */
const CONTROL = `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = 1240;
  canvas.height = 120;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const image = new ImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let frame = 0; frame < 1000; frame++) {
    for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 2654435761) >>> 0;
    context.putImageData(image, 0, 0);
    context.beginPath();
    for (let x = 0; x < 1240; x += 2) context.lineTo(x, 60 + 50 * Math.sin(x * frame));
    context.stroke();
  }
  return context.getImageData(0, 0, 1, 1).data[0];
})()`;
/** What the page may cost for each snapshot, in units of the control, with half as much more for a noisy host. */
const MOST_PER_SNAPSHOT = (1.5 * 0.01) / 0.2;
const WINDOWS = 3;

test.skipIf(withoutChromium)('the page costs less than a tenth of a core at 10 Hz', async () => {
  const server = await TestServer.start(['--budget', 'off']);
  const browser = await launchChromium();
  const control = await WatchedPage.open(browser, `${server.url}/health`);
  const before = await control.rendererCpuSeconds();
  await control.page.evaluate(CONTROL);
  const unit = (await control.rendererCpuSeconds()) - before;
  await control.page.close();
  const watched = await WatchedPage.open(browser, `${server.url}/`);
  const sequence = async (): Promise<number> => Number(await watched.reading('sequence'));
  await watched.until(`Number(document.querySelector('[data-metric=sequence]').textContent) > 50`);
  // The least of a few windows: a busy host can only add to it.
  let perSnapshot = Number.POSITIVE_INFINITY;
  for (let window = 0; window < WINDOWS; window++) {
    const from = { cpu: await watched.rendererCpuSeconds(), sequence: await sequence() };
    const wanted = from.sequence + 60;
    await watched.until(
      `Number(document.querySelector('[data-metric=sequence]').textContent) > ${wanted}`,
      1_000,
    );
    const cpu = (await watched.rendererCpuSeconds()) - from.cpu;
    perSnapshot = Math.min(perSnapshot, cpu / ((await sequence()) - from.sequence));
  }
  process.stderr.write(
    `dashboard: ${(perSnapshot * 1000).toFixed(2)} ms of renderer CPU a snapshot, ${(perSnapshot / unit).toFixed(4)} of the control (${unit.toFixed(3)} s)\n`,
  );
  await browser.close();
  await server.stop();
  expect(perSnapshot / unit).toBeLessThan(MOST_PER_SNAPSHOT);
});

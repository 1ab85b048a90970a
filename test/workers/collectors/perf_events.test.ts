import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { PerfEventsData } from '../../../src/model/snapshot.ts';
import { PerfEventsCollector } from '../../../workers/collectors/perf_events.ts';
import { PERF_EVENTS } from '../../../workers/perf/event_list.ts';
import { skipUnless } from '../../support/skip.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/perf');
const MS = 1e6;
const realPath = process.env.PATH;
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  process.env.PATH = realPath;
});

/** Puts a shell script called `perf` before the real one. It finds its data descriptor under number 3. */
function fakePerf(script: string): void {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-perf-'));
  const path = join(directory, 'perf');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  process.env.PATH = `${directory}${delimiter}${realPath}`;
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
}

function scratch(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A fake perf that leaves its process id. */
function fakePerfWithPid(script: string): { pid(): Promise<number> } {
  const file = join(scratch('hzstat-perf-pid-'), 'pid');
  fakePerf(`case "$*" in *-I*) echo $$ > ${file};; esac; ${script}`);
  const pid = () =>
    vi.waitFor(
      () => {
        const text = readFileSync(file, 'utf8').trim();
        if (text === '') throw new Error('no process id yet');
        return Number(text);
      },
      { timeout: 10_000 },
    );
  return { pid };
}

async function untilEnded(pid: number): Promise<void> {
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), {
    timeout: 10_000,
    interval: 50,
  });
}

/** One line of perf's JSON; the interval is the first of 100 ms. */
function lineOf(event: string, count: string, unit = ''): string {
  return `{"interval" : 0.100000000, "counter-value" : "${count}", "unit" : "${unit}", "event" : "${event}", "pcnt-running" : 0.00}`;
}

/** A perf that prints these lines each time. */
function printingLines(lines: readonly string[]): void {
  const file = join(scratch('hzstat-perf-lines-'), 'lines');
  writeFileSync(file, `${lines.join('\n')}\n`);
  fakePerf(`case "$*" in *-I*) grep -v 'not supported' ${file} >&3; exec cat;; *) cat ${file} >&3;; esac`);
}

function start(
  options: { perfCpus?: string; intervalMs?: number; rootfs?: string } = {},
): PerfEventsCollector {
  const { perfCpus = 'all', intervalMs = 50, rootfs = '' } = options;
  const collector = new PerfEventsCollector({ rootfs, perfCpus });
  collector.start(intervalMs * MS);
  cleanups.push(() => collector.close());
  return collector;
}

/** Samples until the data is as wanted. */
async function until(
  collector: PerfEventsCollector,
  wanted: (data: PerfEventsData) => boolean,
  onFailure: (error: unknown) => void = () => {},
): Promise<PerfEventsData> {
  for (;;) {
    let data: PerfEventsData | null = null;
    try {
      data = collector.collect();
    } catch (error) {
      onFailure(error);
    }
    if (data !== null && wanted(data)) return data;
    await delay(10);
  }
}

const hasEvents = (data: PerfEventsData): boolean => Object.keys(data.events).length > 0;
const hasError = (data: PerfEventsData): boolean => data.error !== undefined;

/** A perf on which everything counts, or only what `pick` lets through. */
function printing(name: string, then: string): string {
  const file = join(FIXTURES, name);
  return `case "$*" in *-I*) cat ${file} >&3; ${then};; *) sed 's/"interval" : [0-9.]*, //' ${file} | head -17 >&3;; esac`;
}

describe('perf_events with a perf that can do everything', () => {
  test('is available and tells all events', async () => {
    fakePerf(printing('made-full-pmu.jsonl', 'exec cat'));
    const data = await until(start(), hasEvents);
    expect(data).toMatchObject({
      available: true,
      cpu_cores: 'all',
      interval_ms: 50,
      sample_time: '0.700123456',
    });
    expect(Object.keys(data.events).sort()).toEqual([...PERF_EVENTS].sort());
    expect(data.error).toBeUndefined();
  });

  test('falls back to separated values where perf knows no JSON', async () => {
    const csv = join(FIXTURES, 'made-full-pmu.csv');
    fakePerf(`case "$*" in
      *-j*) cat ${join(FIXTURES, 'stderr/made-unknown-option-j.txt')} >&2; exit 129;;
      *-I*) cat ${csv} >&3; exec cat;;
      *) sed 's/^ *[0-9.]*;//' ${csv} | head -17 >&3;;
    esac`);
    const data = await until(start(), hasEvents);
    expect(data.available).toBe(true);
    expect(data.events.cycles?.value).toBe(0.49 * 4.2e9);
  });

  test('passes on which CPUs to count', async () => {
    fakePerf(`echo "$@" >&2; exit 7`);
    const data = await until(start({ perfCpus: '0' }), hasError);
    expect(data).toMatchObject({ available: false, cpu_cores: '0' });
    expect(data.error).toMatch(/-C 0/);
  });
});

describe('perf_events in trouble', () => {
  test('says that perf is not installed', async () => {
    process.env.PATH = mkdtempSync(join(tmpdir(), 'hzstat-no-perf-'));
    const data = await until(start(), hasError);
    expect(data).toMatchObject({ available: false, events: {} });
    expect(data.error).toMatch(/not installed.*trying again after 1s/);
  });

  test('names the CPUs that are not there', async () => {
    const data = await until(start({ perfCpus: '0,9999' }), hasError);
    expect(data.error).toMatch(/CPU 9999 is not online/);
  });

  test('drops its data and starts again when perf is killed', async () => {
    fakePerf(printing('made-full-pmu.jsonl', 'sleep 0.2; kill -9 $$'));
    const collector = start();
    await until(collector, hasEvents);
    const data = await until(collector, hasError);
    expect(data).toMatchObject({ available: false, events: {} });
    expect(data.error).toMatch(/killed by SIGKILL/);
    await until(collector, hasEvents);
  });

  test('drops its data when perf falls silent, and gets rid of it', async () => {
    fakePerf(printing('made-full-pmu.jsonl', 'trap "" TERM; exec sleep 300'));
    const collector = start();
    await until(collector, hasEvents);
    const data = await until(collector, hasError);
    expect(data.events).toEqual({});
    expect(data.error).toMatch(/printed nothing/);
  });

  test('says that a perf that is stopped has no news, before it gets rid of it', async () => {
    fakePerf(printing('made-full-pmu.jsonl', 'kill -STOP $$; exec cat'));
    const collector = start();
    await until(collector, hasEvents);
    const failures: unknown[] = [];
    const data = await until(collector, hasError, (error) => failures.push(error));
    expect(failures[0]).toMatchObject({
      code: 'COLLECTOR_STUCK',
      message: expect.stringMatching(/nothing for \d+ms/),
    });
    expect(data.error).toMatch(/printed nothing for 1s/);
  });

  test.each([
    ['pause', (collector: PerfEventsCollector) => collector.pause()],
    ['close', (collector: PerfEventsCollector) => collector.close()],
    [
      'close after a pause',
      (collector: PerfEventsCollector) => {
        collector.pause();
        collector.close();
      },
    ],
  ])('leaves none behind that does not mind the end of its input: %s', async (_, end) => {
    const { pid } = fakePerfWithPid(
      printing('made-full-pmu.jsonl', 'trap "" TERM HUP PIPE; exec sleep 300 < /dev/null'),
    );
    const collector = start();
    await until(collector, hasEvents);
    const perf = await pid();
    end(collector);
    await untilEnded(perf);
  });

  describe('while events are on no counter', () => {
    /** A perf on which the first so many of the events count. */
    function countingOnly(count: number): void {
      printingLines(
        PERF_EVENTS.map((event, at) => lineOf(event, at < count ? '12.000000' : '<not counted>')),
      );
    }

    test('is not available, says how many and names each', async () => {
      countingOnly(4);
      const collector = start();
      const data = await until(collector, hasEvents);
      expect(data.available).toBe(false);
      expect(data.error).toMatch(
        /^13 of 17 events were on a counter in no interval so far \(cycles, instructions, .*: something else holds/,
      );
      expect(data.events.cycles?.value).toBeNull();
      expect(data.events['cpu-clock']?.value).toBe(12);
      expect(Object.keys(collector.sources ?? {})).toHaveLength(13);
      expect(collector.sources?.['events.cycles']?.message).toMatch(/no interval/);
      expect(collector.sources).not.toHaveProperty('events.cpu-clock');
    });

    test('tells too few counters from none, and finds the watchdog that holds one', async () => {
      const rootfs = scratch('hzstat-perf-root-');
      mkdirSync(join(rootfs, 'proc/sys/kernel'), { recursive: true });
      writeFileSync(join(rootfs, 'proc/sys/kernel/nmi_watchdog'), '1\n');
      countingOnly(9);
      const data = await until(start({ rootfs }), hasEvents);
      expect(data.error).toMatch(/^8 of 17 .*fewer counters than events.*kernel\.nmi_watchdog=0/);
    });
  });

  test.each([
    ['cycles', '1000000000000000000.000000', ''],
    ['cpu-clock', '987654321.000000', 'msec'],
    ['page-faults', '18446744073709551615.000000', ''],
    ['instructions', '9223372036854775807.000000', ''],
  ])('does not believe %s of %s', async (absurd, count, unit) => {
    printingLines(
      PERF_EVENTS.map((event) =>
        event === absurd
          ? lineOf(event, count, unit)
          : lineOf(event, '12.000000', event === 'cpu-clock' ? 'msec' : ''),
      ),
    );
    const collector = start({ perfCpus: '0' });
    const data = await until(collector, hasEvents);
    expect(data.events[absurd]?.value).toBeNull();
    expect(Object.values(data.events).filter(({ value }) => value === 12)).toHaveLength(16);
    expect(collector.sources).toEqual({
      [`events.${absurd}`]: { source: 'perf stat', message: expect.stringMatching(/cannot have happened/) },
    });
    // It is on a counter.
    expect(data.available).toBe(true);
  });

  test('names what is not supported', async () => {
    printingLines(
      PERF_EVENTS.map((event) => lineOf(event, event === 'LLC-loads' ? '<not supported>' : '12.000000')),
    );
    const collector = start();
    await until(collector, hasEvents);
    expect(collector.sources).toEqual({
      'events.LLC-loads': { source: 'perf stat', message: 'not supported by this host' },
    });
  });

  test('gets rid of a perf that is stopped before it has told anything', async () => {
    const { pid } = fakePerfWithPid(
      `case "$*" in *-I*) kill -STOP $$;; esac; ${printing('made-full-pmu.jsonl', 'exec cat')}`,
    );
    const data = await until(start(), hasError);
    expect(data).toMatchObject({ available: false, events: {} });
    expect(data.error).toMatch(/printed nothing/);
    await untilEnded(await pid());
  });

  test('is not upset by a perf that prints garbage', async () => {
    fakePerf('head -c 100000 /dev/urandom >&3; exit 1');
    const data = await until(start(), hasError);
    expect(data).toMatchObject({ available: false, events: {} });
  });

  test('can be closed twice and at any time', () => {
    const collector = start();
    collector.close();
    expect(() => collector.close()).not.toThrow();
    expect(collector.collect()).toBeNull();
  });
});

/** Whether perf is installed and this user may count with it. */
function perfCounts(): boolean {
  return spawnSync('perf', ['stat', '-a', '-e', 'cpu-clock', '--', 'true']).status === 0;
}

/** The perf and cat processes that descend from, or were started by, the process with this mark in their environment. */
function processesMarked(mark: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!readFileSync(`/proc/${name}/environ`, 'latin1').includes(mark)) return [];
      return /^(perf|cat)$/.test(readFileSync(`/proc/${name}/comm`, 'latin1').trim()) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

async function untilGone(mark: string): Promise<void> {
  while (processesMarked(mark).length > 0) await delay(20);
}

describe.skipIf(skipUnless('perf that may count on whole CPUs', perfCounts()))(
  'perf_events with the real perf',
  () => {
    test('tells what counts and what does not', async () => {
      const data = await until(start(), hasEvents);
      const unsupported = data.unsupported_events ?? [];
      const missing = data.missing_events ?? [];
      expect([...Object.keys(data.events), ...unsupported, ...missing].sort()).toEqual(
        [...PERF_EVENTS].sort(),
      );
      expect(data.events['cpu-clock']?.value).toBeGreaterThan(0);
      expect(data.available).toBe(unsupported.length + missing.length === 0);
      expect(hasError(data)).toBe(!data.available);
    });

    test('never hands out the interval of perf that was cut short as a whole one', async () => {
      const data = await until(start({ intervalMs: 40 }), hasEvents);
      expect(data.elapsed_ms).toBeGreaterThan(35);
    });

    test('leaves no perf behind when the whole process is killed', async () => {
      const mark = `HZSTAT_TEST_MARK=${process.pid}-${Math.random()}`;
      const [name = '', value = ''] = mark.split('=');
      const main = join(import.meta.dirname, '../../../dist/src/cli/main.js');
      const server = spawn(
        process.execPath,
        [main, 'serve', '--no-history', '--listen', '127.0.0.1:0', '--collectors', 'perf_events'],
        {
          env: { ...process.env, [name]: value },
          stdio: 'ignore',
        },
      );
      while (processesMarked(mark).length < 2) await delay(20);
      server.kill('SIGKILL');
      await untilGone(mark);
    });

    test('leaves nothing behind when perf itself is killed', async () => {
      const collector = start();
      await until(collector, hasEvents);
      const perf = Number(
        execFileSync('pgrep', ['-P', String(process.pid), '-x', 'perf'], { encoding: 'utf8' }),
      );
      const cat = Number(execFileSync('pgrep', ['-P', String(perf), '-x', 'cat'], { encoding: 'utf8' }));
      process.kill(perf, 'SIGKILL');
      const data = await until(collector, hasError);
      expect(data.error).toBeDefined();
      while (spawnSync('kill', ['-0', String(cat)]).status === 0) await delay(20);
    });
  },
);

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Arrivals } from '../../../src/handover/arrivals.ts';
import type { Schedule, TickResult } from '../../../src/handover/messages.ts';
import { CollectorPool } from '../../../src/sampling/collector_pool.ts';
import { CollectorThread } from '../../../src/sampling/collector_thread.ts';

const ENTRY = pathToFileURL(join(import.meta.dirname, '../../support/entries/scripted.mjs')).href;
const SCHEDULE: Schedule = { epoch: 0, intervalNs: 1e8, ticksPerDelivery: 1, ringRows: 64 };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A thread that follows a script, and what is heard of it. */
function threadThat(script: string, module?: string) {
  const pool = new CollectorPool(ENTRY);
  const thread = new CollectorThread('memory', pool, { rootfs: script, perfCpus: 'all' }, module);
  const heard: (TickResult | 'outage')[] = [];
  let wake = (): void => {};
  const note = (event: TickResult | 'outage'): void => {
    heard.push(event);
    wake();
  };
  thread.start(SCHEDULE, {
    results: (_name, _epoch, results) => {
      for (const result of results) note(result);
    },
    outage: () => note('outage'),
    delivered: () => thread.deliver(),
    arrivals: Arrivals.allocate(),
  });
  cleanups.push(async () => {
    await thread.stop();
    await pool.destroy();
  });
  const outages = async (count: number): Promise<void> => {
    while (heard.filter((event) => event === 'outage').length < count) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { thread, heard, outages };
}

describe('a thread that dies', () => {
  test.each([
    ['exit', 'THREAD_DIED'],
    ['throw', 'THREAD_DIED'],
    // Once its task has ended, what goes wrong in a thread must not end the process.
    ['reject late', 'THREAD_DIED'],
    ['out of memory', 'THREAD_OUT_OF_MEMORY'],
  ])('of "%s" is started again and says why meanwhile', async (script, code) => {
    const { thread, outages } = threadThat(script);
    await outages(1);
    expect(thread.outage).toMatchObject({ code });
    expect(thread.outage?.message).toMatch(/memory.*again after 250ms/);
    await outages(2);
    expect(thread.outage?.message).toMatch(/again after 500ms/);
  });
});

describe('stopping a thread', () => {
  test('that listens lets it end by itself', async () => {
    const { thread, heard } = threadThat('obey');
    await thread.stop();
    expect(heard).not.toContain('outage');
  });

  test('that hangs ends it all the same', async () => {
    const { thread, heard } = threadThat('hang');
    await thread.stop();
    expect(heard).not.toContain('outage');
  });
});

describe('a thread with a module of the user’s', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets the watch, and nothing else, believe that time flies until the outage is as wanted. */
  async function untilOutage(thread: CollectorThread, wanted: RegExp): Promise<void> {
    await vi.waitUntil(
      () => {
        vi.advanceTimersByTime(2_000);
        return wanted.test(thread.outage?.message ?? '');
      },
      { timeout: 30_000 },
    );
  }

  test('that hangs is ended and begun again, three times at most, and once more when switched on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { thread } = threadThat('hang', 'file:///mine.js');
    await untilOutage(thread, /^memory has not answered for 2s$/);
    await untilOutage(thread, /did not answer for 10s: its thread is ended/);
    expect(thread.outage).toMatchObject({ code: 'COLLECTOR_STUCK' });
    await untilOutage(thread, /stuck 3 times/);
    thread.setEnabled(false);
    thread.setEnabled(true);
    await untilOutage(thread, /its thread is ended/);
  });

  test('that dies is not taken for stuck', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { thread, outages } = threadThat('throw', 'file:///mine.js');
    await outages(1);
    vi.advanceTimersByTime(60_000);
    expect(thread.outage).toMatchObject({ code: 'THREAD_DIED' });
  });
});

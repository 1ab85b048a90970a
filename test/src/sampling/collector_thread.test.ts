import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { CollectorPool } from '../../../src/sampling/collector_pool.ts';
import { CollectorThread } from '../../../src/sampling/collector_thread.ts';
import { Arrivals } from '../../../src/shared/arrivals.ts';
import type { Schedule, TickResult } from '../../../src/shared/messages.ts';

const ENTRY = pathToFileURL(join(import.meta.dirname, '../../support/entries/scripted.mjs')).href;
const SCHEDULE: Schedule = { epoch: 0, intervalNs: 1e8, ticksPerDelivery: 1 };

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A thread that follows a script, and what is heard of it. */
function threadThat(script: string) {
  const pool = new CollectorPool(ENTRY);
  const thread = new CollectorThread('memory', pool, { rootfs: script, perfCpus: 'all' });
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

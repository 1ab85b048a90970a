import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { MemoryData } from '../../../src/model/snapshot.ts';
import { MemoryCollector } from '../../../workers/collectors/memory.ts';
import { expectedOf, MACHINES, MachineCopy } from '../../support/machine.ts';
import { psutil, withoutPsutil } from '../../support/psutil.ts';

const copies: MachineCopy[] = [];
afterEach(() => {
  for (const copy of copies.splice(0)) copy.dispose();
});

function machine(name: (typeof MACHINES)[number]): MachineCopy {
  const copy = new MachineCopy(name);
  copies.push(copy);
  return copy;
}

function collect(copy: MachineCopy): MemoryData {
  const collector = new MemoryCollector({ rootfs: copy.rootfs, perfCpus: 'all' });
  try {
    // The object is the collector's own and changes with the next sample.
    return structuredClone(collector.collect());
  } finally {
    collector.close();
  }
}

/** Our field beside the name the expected figures use. */
const FIELDS: readonly [keyof MemoryData, string][] = [
  ['total_bytes', 'total'],
  ['available_bytes', 'available'],
  ['used_bytes', 'used'],
  ['percent', 'percent'],
  ['swap_total_bytes', 'swap_total'],
  ['swap_used_bytes', 'swap_used'],
  ['buffers_bytes', 'buffers'],
  ['cached_bytes', 'cached'],
  ['free_bytes', 'free'],
  ['shmem_bytes', 'shared'],
  ['slab_bytes', 'slab'],
  ['dirty_bytes', 'dirty'],
  ['writeback_bytes', 'writeback'],
  ['huge_pages_total', 'huge_pages_total'],
  ['huge_pages_free', 'huge_pages_free'],
  ['huge_page_size_bytes', 'huge_page_size'],
];

describe.each(MACHINES)('memory on %s', (name) => {
  test.each(['first', 'later'] as const)('the %s reading', (when) => {
    const copy = machine(name);
    if (when === 'later') copy.later();
    const data = collect(copy);
    const expected = expectedOf(name).memory[when];
    for (const [field, key] of FIELDS) {
      expect(data[field], field).toBeCloseTo(expected[key]!, 4);
    }
  });
});

describe('memory', () => {
  const meminfo = (extra: string): string => `MemTotal: 1000 kB\nMemFree: 400 kB\n${extra}`;

  test('available beyond the total, as some containers report it, is not believed', () => {
    const copy = machine('small-vm');
    copy.write('proc/meminfo', meminfo('MemAvailable: 9000 kB\n'));
    const data = collect(copy);
    expect(data.available_bytes).toBe(400 * 1024);
    expect(data.percent).toBe(60);
  });

  test('says how often the kernel folds its gauges together', () => {
    const copy = machine('small-vm');
    mkdirSync(join(copy.rootfs, 'proc/sys/vm'), { recursive: true });
    copy.write('proc/sys/vm/stat_interval', '7\n');
    const collector = new MemoryCollector({ rootfs: copy.rootfs, perfCpus: 'all' });
    expect(collector.sources).toEqual({ '*': { source: '/proc/meminfo', period_ms: 7_000 } });
    collector.close();
  });

  test('available of zero is estimated instead', () => {
    const copy = machine('small-vm');
    copy.write('proc/meminfo', meminfo('MemAvailable: 0 kB\nCached: 100 kB\n'));
    expect(collect(copy).available_bytes).toBe(500 * 1024);
  });

  test('lines that are not there are absent or null, not zero', () => {
    const copy = machine('small-vm');
    copy.write('proc/meminfo', meminfo('MemAvailable: 500 kB\n'));
    const data = collect(copy);
    expect(data.buffers_bytes).toBeNull();
    expect(data.cached_bytes).toBeNull();
    expect(data.dirty_bytes).toBeUndefined();
  });

  test('a space after the colon and a unit are not required', () => {
    const copy = machine('small-vm');
    copy.write('proc/meminfo', 'MemTotal:1000 kB\nMemFree:400\nMemAvailable:\t500 kB\n');
    expect(collect(copy)).toMatchObject({ total_bytes: 1000 * 1024, available_bytes: 500 * 1024 });
  });

  test('lines that move to another place are found again', () => {
    const copy = machine('small-vm');
    const collector = new MemoryCollector({ rootfs: copy.rootfs, perfCpus: 'all' });
    copy.write('proc/meminfo', meminfo('MemAvailable: 500 kB\nDirty: 8 kB\n'));
    expect(collector.collect().dirty_bytes).toBe(8 * 1024);
    copy.write('proc/meminfo', `Dirty: 16 kB\nMemAvailable: 500 kB\nShmem: 1 kB\n${meminfo('')}`);
    expect(collector.collect()).toMatchObject({ dirty_bytes: 16 * 1024, free_bytes: 400 * 1024 });
    collector.close();
  });

  test('without its total there is no answer', () => {
    const copy = machine('small-vm');
    copy.write('proc/meminfo', 'MemFree: 400 kB\n');
    const collector = new MemoryCollector({ rootfs: copy.rootfs, perfCpus: 'all' });
    expect(collector.safeCollect()).toMatchObject({ state: 'failed', code: 'SOURCE_MALFORMED' });
    collector.close();
  });

  test.skipIf(withoutPsutil)('tells the same as psutil', () => {
    const collector = new MemoryCollector({ rootfs: '', perfCpus: 'all' });
    const theirs = psutil<{
      total: number;
      available: number;
      free: number;
      buffers: number;
      cached: number;
    }>('psutil.virtual_memory()._asdict()');
    const ours = collector.collect();
    collector.close();
    expect(ours.total_bytes).toBe(theirs.total);
    // The rest moves on between the two readings.
    const tolerance = theirs.total / 100;
    expect(Math.abs(ours.available_bytes - theirs.available)).toBeLessThan(tolerance);
    expect(Math.abs(ours.free_bytes! - theirs.free)).toBeLessThan(tolerance);
    expect(Math.abs(ours.buffers_bytes! - theirs.buffers)).toBeLessThan(tolerance);
    expect(Math.abs(ours.cached_bytes! - theirs.cached)).toBeLessThan(tolerance);
  });
});

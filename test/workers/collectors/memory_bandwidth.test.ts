import { afterEach, describe, expect, test } from 'vitest';
import type { MemoryBandwidthData } from '../../../src/model/snapshot.ts';
import { MemoryBandwidthCollector } from '../../../workers/collectors/memory_bandwidth.ts';
import { pageSizeBytes } from '../../../workers/host/page_size.ts';
import { expectedOf, MACHINES, MachineCopy, TestClock } from '../../support/machine.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function collectorOn(copy: MachineCopy): { collector: MemoryBandwidthCollector; clock: TestClock } {
  const clock = new TestClock();
  const collector = new MemoryBandwidthCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return { collector, clock };
}

const FIELDS = [
  'pgpgin_per_sec',
  'pgpgout_per_sec',
  'pswpin_per_sec',
  'pswpout_per_sec',
  'pgfault_per_sec',
  'pgmajfault_per_sec',
] as const satisfies readonly (keyof MemoryBandwidthData)[];

test.each(MACHINES)('the six rates on %s', (machine) => {
  const expected = expectedOf(machine);
  const copy = new MachineCopy(machine);
  const { collector, clock } = collectorOn(copy);
  expect(collector.collect()).toBeNull();
  copy.later();
  clock.advanceMs(expected.later_after_ms);
  const data = collector.collect();
  for (const field of FIELDS) expect(data?.[field], field).toBeCloseTo(expected.memory_bandwidth[field]!, 3);
});

describe('memory_bandwidth', () => {
  test('tells the counters its rates are of, in the same units', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = collectorOn(copy);
    copy.write('proc/vmstat', 'pgpgin 1000\npswpout 10\npgfault 50\n');
    collector.collect();
    copy.write('proc/vmstat', 'pgpgin 1500\npswpout 13\npgfault 57\n');
    clock.advanceMs(100);
    expect(collector.collect()).toMatchObject({
      pgpgin: 1_500,
      pgpgout: null,
      pswpout: (13 * pageSizeBytes()) / 1_024,
      pgfault: 57,
      pgfault_per_sec: 70,
    });
  });

  test('a counter that was reset makes no rate', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = collectorOn(copy);
    copy.write('proc/vmstat', 'pgpgin 1000\npgfault 50\n');
    collector.collect();
    copy.write('proc/vmstat', 'pgpgin 10\npgfault 60\n');
    clock.advanceMs(100);
    expect(collector.collect()).toBeNull();
    copy.write('proc/vmstat', 'pgpgin 20\npgfault 60\n');
    clock.advanceMs(100);
    expect(collector.collect()).toMatchObject({ pgpgin_per_sec: 100, pgfault_per_sec: 0 });
  });

  test('a reading of zeros between others is no burst of all that ever was', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = collectorOn(copy);
    const readings = [
      'pgpgin 9000000000\npgfault 5000000\n',
      'pgpgin 0\npgfault 0\n',
      'pgpgin 9000000040\npgfault 5000060\n',
    ];
    const told = readings.map((reading) => {
      copy.write('proc/vmstat', reading);
      clock.advanceMs(100);
      return structuredClone(collector.collect());
    });
    expect(told.slice(0, 2)).toEqual([null, null]);
    expect(told[2]!.pgpgin_per_sec).toBeLessThanOrEqual(400);
    expect(told[2]!.pgfault_per_sec).toBeLessThanOrEqual(600);
  });

  test('a kernel without swap has no swap rates', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = collectorOn(copy);
    copy.write('proc/vmstat', 'pgpgin 1000\npgfault 50\n');
    collector.collect();
    clock.advanceMs(100);
    expect(collector.collect()).toMatchObject({ pgpgin_per_sec: 0, pswpin_per_sec: null });
  });

  test('rates cover the time between the two readings', () => {
    const copy = new MachineCopy('small-vm');
    const { collector, clock } = collectorOn(copy);
    copy.write('proc/vmstat', 'pgpgin 1000\npswpin 10\n');
    collector.collect();
    copy.write('proc/vmstat', 'pgpgin 1500\npswpin 11\n');
    clock.advanceMs(250);
    expect(collector.safeCollect()).toMatchObject({
      state: 'ok',
      elapsedNs: 250e6,
      data: { pgpgin_per_sec: 2_000, pswpin_per_sec: (4 * pageSizeBytes()) / 1024 },
    });
  });

  test('the page size is that of the running kernel', () => {
    expect([4_096, 16_384, 65_536]).toContain(pageSizeBytes());
  });
});

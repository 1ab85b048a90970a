import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { DiskData } from '../../../src/model/snapshot.ts';
import { DiskCollector } from '../../../workers/collectors/disk.ts';
import type { AskSize } from '../../../workers/host/partition_usage.ts';
import { expectedOf, MACHINES, MachineCopy, TestClock } from '../../support/machine.ts';
import { psutil, withoutPsutil } from '../../support/psutil.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Every file system answers at once and is a quarter full. */
const answerAtOnce: AskSize = (_path, _device, answer) =>
  answer({ bsize: 4096, blocks: 1000, bfree: 760, bavail: 720 });

function collectorOn(copy: MachineCopy, ask = answerAtOnce): { collector: DiskCollector; clock: TestClock } {
  const clock = new TestClock();
  const collector = new DiskCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now, ask);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return { collector, clock };
}

/** A host with the given rows in /proc/diskstats, where only sda and sdb are whole disks. */
function hostWith(...rows: string[]): MachineCopy {
  const copy = new MachineCopy('server-128');
  show(copy, ...rows);
  return copy;
}

function show(copy: MachineCopy, ...rows: string[]): void {
  copy.write('proc/diskstats', rows.map((row) => `${row}\n`).join(''));
}

interface Row {
  reads?: number;
  sectorsRead?: number;
  readMs?: number;
  writes?: number;
  sectorsWritten?: number;
  writeMs?: number;
  inFlight?: number;
  busyMs?: number;
}

function row(name: string, { reads = 0, sectorsRead = 0, readMs = 0, writes = 0, ...rest }: Row): string {
  const { sectorsWritten = 0, writeMs = 0, inFlight = 0, busyMs = 0 } = rest;
  return `8 0 ${name} ${reads} 0 ${sectorsRead} ${readMs} ${writes} 0 ${sectorsWritten} ${writeMs} ${inFlight} ${busyMs} 0`;
}

function inTotal(data: DiskData): string[] {
  return Object.keys(data.devices).filter((name) => data.devices[name]?.in_total);
}

describe.each(MACHINES)('disk on %s', (machine) => {
  const { disk: expected, later_after_ms } = expectedOf(machine);
  // A floppy is hardware, but nobody's disk.
  const physical = expected.physical.filter((name) => name !== 'fd0');

  test('sums the whole physical disks and lists whole devices only', () => {
    const data = collectorOn(new MachineCopy(machine)).collector.collect();
    expect(inTotal(data).sort()).toEqual(physical.toSorted());
    expect(data).toMatchObject(expected.totals_first);
    for (const name of Object.keys(data.devices)) {
      expect(name).not.toMatch(/^(loop|ram|fd)\d|^sd[a-z]\d|^(nvme|mmcblk).*p\d|c0d0p/);
    }
  });

  test('computes rates, busy time and latency per device', () => {
    const copy = new MachineCopy(machine);
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    copy.later();
    clock.advanceMs(later_after_ms);
    const data = collector.collect();
    expect(data).toMatchObject(expected.totals_later);
    expect(data.read_bytes_per_sec).toBeCloseTo(expected.read_bytes_per_sec, 3);
    expect(data.write_bytes_per_sec).toBeCloseTo(expected.write_bytes_per_sec, 3);
    for (const name of physical) {
      const deltas = expected.device_deltas[name]!;
      const device = data.devices[name]!;
      const perSecond = 1000 / later_after_ms;
      expect(device.reads_per_sec, name).toBeCloseTo(deltas.reads * perSecond, 6);
      expect(device.writes_per_sec, name).toBeCloseTo(deltas.writes * perSecond, 6);
      expect(device.read_bytes_per_sec, name).toBeCloseTo(deltas.read_bytes * perSecond, 3);
      expect(device.busy_percent, name).toBeCloseTo(Math.min(100, (100 * deltas.io_ms) / later_after_ms), 6);
      const latency = (ms: number, count: number) => (count === 0 ? null : ms / count);
      expect(device.read_latency_ms, name).toBe(latency(deltas.read_ms, deltas.reads));
      expect(device.write_latency_ms, name).toBe(latency(deltas.write_ms, deltas.writes));
      expect(device.in_flight, name).toBe(deltas.in_flight_later > 2 ** 31 ? 0 : deltas.in_flight_later);
    }
  });

  test('asks the local file systems, each once, and no others', () => {
    const copy = new MachineCopy(machine);
    const asked: string[] = [];
    const { collector } = collectorOn(copy, (path, device, answer) => {
      asked.push(path.toString().slice(copy.rootfs.length));
      answerAtOnce(path, device, answer);
    });
    const { partitions } = collector.collect();
    expect(asked.sort()).toEqual(expected.partitions.toSorted());
    expect(Object.keys(partitions).sort()).toEqual(expected.partitions.toSorted());
    for (const partition of Object.values(partitions)) {
      expect(partition).toMatchObject({
        total_bytes: 4_096_000,
        used_bytes: 983_040,
        free_bytes: 2_949_120,
        percent: 25,
      });
    }
  });
});

describe('disk', () => {
  test('a first sample has counters and no rates', () => {
    const outcome = collectorOn(new MachineCopy('small-vm')).collector.safeCollect();
    expect(outcome).not.toHaveProperty('elapsedNs');
    expect(outcome).toMatchObject({ state: 'ok', data: { read_count: 32358 } });
    expect(outcome).not.toHaveProperty('data.read_bytes_per_sec');
    expect(outcome).not.toHaveProperty('data.devices.vda.busy_percent');
    expect(outcome).not.toHaveProperty('data.devices.vda.read_latency_ms');
  });

  test('milliseconds that wrap after 49.7 days go on', () => {
    const near = 2 ** 32 - 10;
    const copy = hostWith(row('sda', { reads: 5, readMs: near, busyMs: 7 }));
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    show(copy, row('sda', { reads: 9, readMs: 30, busyMs: 57 }));
    clock.advanceMs(100);
    const { sda } = collector.collect().devices;
    expect(sda).toMatchObject({ read_latency_ms: 10, busy_percent: 50, busy_seconds: 0.057 });
    expect(sda!.read_seconds).toBeCloseTo((near + 40) / 1_000, 6);
    // An object made anew, as after a pause, keeps what was added up.
    collector.reset();
    expect(collector.collect().devices.sda).toMatchObject({ busy_seconds: 0.057 });
  });

  test('a disk that is reset has no rates in that sample, and the totals never go down', () => {
    const copy = hostWith(
      row('sda', { reads: 5000, sectorsRead: 80_000, busyMs: 900 }),
      row('sdb', { reads: 10, sectorsRead: 8 }),
    );
    const { collector, clock } = collectorOn(copy);
    const totals = [collector.collect().read_count];
    for (const [sda, sdb] of [
      [
        { reads: 5, sectorsRead: 80, busyMs: 1 },
        { reads: 14, sectorsRead: 12 },
      ],
      [
        { reads: 8, sectorsRead: 90, busyMs: 2 },
        { reads: 14, sectorsRead: 12 },
      ],
    ] as const) {
      show(copy, row('sda', sda), row('sdb', sdb));
      clock.advanceMs(1_000);
      const data = collector.collect();
      totals.push(data.read_count);
      if (totals.length === 2) {
        expect(data.devices.sda).not.toHaveProperty('reads_per_sec');
        expect(data.devices.sda).not.toHaveProperty('busy_percent');
        expect(data.reads_per_sec).toBe(4);
      } else expect(data).toMatchObject({ reads_per_sec: 3, devices: { sda: { reads_per_sec: 3 } } });
    }
    expect(totals).toEqual([5010, 5014, 5017]);
  });

  test('a disk that is pulled is forgotten, and new when it is back', () => {
    const copy = hostWith(row('sda', { reads: 5 }), row('sdb', { reads: 9 }));
    const { collector, clock } = collectorOn(copy);
    const sample = (...rows: string[]) => {
      show(copy, ...rows);
      clock.advanceMs(1_000);
      return collector.collect();
    };
    collector.collect();
    expect(Object.keys(sample(row('sda', { reads: 6 })).devices)).toEqual(['sda']);
    const back = sample(row('sda', { reads: 6 }), row('sdb', { reads: 900 }));
    expect(back.devices.sdb).not.toHaveProperty('reads_per_sec');
    expect(back.read_count).toBe(15);
    expect(sample(row('sda', { reads: 6 }), row('sdb', { reads: 901 })).reads_per_sec).toBe(1);
  });

  test('a namespace with several paths counts once, on kernels that count on its paths too', () => {
    const counted = { reads: 100, sectorsRead: 800 };
    const head = (reads: Row) => `259 7 ${row('nvme2n1', reads).slice(4)}`;
    const path = `0 0 ${row('nvme2c2n1', counted).slice(4)}`;
    expect(inTotal(collectorOn(hostWith(path, head(counted))).collector.collect())).toEqual(['nvme2n1']);
    expect(inTotal(collectorOn(hostWith(path, head({}))).collector.collect())).toEqual(['nvme2c2n1']);
  });

  test('without sysfs the names tell what is a partition', () => {
    const names = ['sda', 'sda1', 'sda12', 'nvme0n1', 'nvme0n1p2', 'mmcblk0', 'mmcblk0p1', 'dm-0', 'loop0'];
    const copy = hostWith(...names.map((name) => row(name, { reads: 1 })));
    copy.remove('sys');
    const data = collectorOn(copy).collector.collect();
    expect(Object.keys(data.devices)).toEqual(['sda', 'nvme0n1', 'mmcblk0', 'dm-0']);
    expect(inTotal(data)).toEqual(['sda', 'nvme0n1', 'mmcblk0']);
  });

  test('a host without block devices has no devices and is no failure', () => {
    const copy = new MachineCopy('small-vm');
    copy.remove('sys/block');
    copy.write('proc/diskstats', '');
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    clock.advanceMs(1_000);
    expect(collector.collect()).toMatchObject({ devices: {}, read_count: 0, reads_per_sec: 0 });
  });

  test('a reading of partitions that fails costs nothing else', () => {
    const copy = new MachineCopy('small-vm');
    copy.remove('proc/1/mountinfo');
    copy.remove('proc/self/mountinfo');
    expect(collectorOn(copy).collector.safeCollect()).toMatchObject({
      state: 'ok',
      data: { partitions: {} },
    });
  });

  test.skipIf(withoutPsutil)('tells the same as psutil', async ({ skip }) => {
    const collector = new DiskCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => collector.close());
    collector.start();
    while (collector.needsEventLoop()) await delay(1);
    const before = structuredClone(collector.collect());
    const [disks, root] = psutil<[Record<string, Record<string, number>>, Record<string, number>]>(
      "[{k: v._asdict() for k, v in psutil.disk_io_counters(perdisk=True).items()}, psutil.disk_usage('/')._asdict()]",
    );
    const after = collector.collect();
    for (const [name, device] of Object.entries(after.devices)) {
      const theirs = disks[name]!;
      for (const key of ['read_count', 'write_count', 'read_bytes', 'write_bytes'] as const) {
        expect(theirs[key], `${name} ${key}`).toBeGreaterThanOrEqual(before.devices[name]?.[key] ?? 0);
        expect(theirs[key], `${name} ${key}`).toBeLessThanOrEqual(device[key]);
      }
    }
    const ours = after.partitions['/'];
    if (ours === undefined) skip('the root of this host is no local file system');
    else {
      expect(ours.total_bytes).toBe(root.total);
      // Something is always being written somewhere.
      expect(Math.abs(ours.used_bytes - root.used!)).toBeLessThan(ours.total_bytes / 100);
      expect(Math.abs(ours.free_bytes - root.free!)).toBeLessThan(ours.total_bytes / 100);
      expect(Math.abs(ours.percent - root.percent!)).toBeLessThan(1);
    }
  });
});

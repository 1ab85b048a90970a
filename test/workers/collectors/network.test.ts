import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { NetworkData } from '../../../src/model/snapshot.ts';
import { NetworkCollector } from '../../../workers/collectors/network.ts';
import { expectedOf, MACHINES, MachineCopy, TestClock } from '../../support/machine.ts';
import { psutil, withoutPsutil } from '../../support/psutil.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function collectorOn(copy: MachineCopy): { collector: NetworkCollector; clock: TestClock } {
  const clock = new TestClock();
  const collector = new NetworkCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return { collector, clock };
}

type Counters = readonly [received: number, receivedPackets: number, sent: number, sentPackets: number];

/** /proc/net/dev with the given interfaces. */
function netDev(rows: Record<string, Counters>): string {
  const lines = Object.entries(rows).map(
    ([name, [received, receivedPackets, sent, sentPackets]]) =>
      `${name.padStart(6)}: ${received} ${receivedPackets} 0 0 0 0 0 0 ${sent} ${sentPackets} 0 0 0 0 0 0\n`,
  );
  return `Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n${lines.join('')}`;
}

/** A machine whose interfaces all have a device, and the numbers given or else their position. */
function machineWith(rows: Record<string, Counters>, indexes: Record<string, number> = {}): MachineCopy {
  const copy = new MachineCopy('small-vm');
  copy.remove('proc/1');
  copy.remove('sys/class/net');
  show(copy, rows);
  for (const [position, name] of Object.keys(rows).entries()) {
    give(copy, name, { ifindex: `${indexes[name] ?? position + 1}`, type: '1', 'device/vendor': '' });
  }
  return copy;
}

function show(copy: MachineCopy, rows: Record<string, Counters>): void {
  copy.write('proc/net/dev', netDev(rows));
}

/** Writes the sysfs entry of an interface. */
function give(copy: MachineCopy, name: string, files: Record<string, string>): void {
  for (const [file, content] of Object.entries(files)) {
    const path = join(copy.rootfs, 'sys/class/net', name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${content}\n`);
  }
}

function inTotal(data: NetworkData): string[] {
  return Object.keys(data.interfaces).filter((name) => data.interfaces[name]?.in_total);
}

describe.each(MACHINES)('network on %s', (machine) => {
  const { network: expected, later_after_ms } = expectedOf(machine);

  test('lists every interface and sums the wires', () => {
    const { collector } = collectorOn(new MachineCopy(machine));
    const data = collector.collect();
    expect(Object.keys(data.interfaces)).toEqual(expected.interfaces);
    expect(inTotal(data)).toEqual(expected.physical);
    expect(data).toMatchObject(expected.totals_first);
  });

  test('computes rates per interface and then their sum', () => {
    const copy = new MachineCopy(machine);
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    const before = structuredClone(collector.collect());
    copy.later();
    clock.advanceMs(later_after_ms);
    const data = collector.collect();
    expect(data.bytes_recv_per_sec).toBeCloseTo(expected.bytes_recv_per_sec, 3);
    expect(data.bytes_sent_per_sec).toBeCloseTo(expected.bytes_sent_per_sec, 3);
    for (const [key, delta] of Object.entries(expected.deltas)) {
      const counter = key as keyof typeof data & keyof typeof before;
      expect(Number(data[counter]) - Number(before[counter]), key).toBe(delta);
    }
    for (const [name, deltas] of Object.entries(expected.interface_deltas)) {
      const rate = ((deltas.bytes_recv ?? 0) * 1000) / later_after_ms;
      expect(data.interfaces[name]?.bytes_recv_per_sec, name).toBeCloseTo(rate, 3);
    }
    for (const name of expected.gone_later) expect(data.interfaces).not.toHaveProperty([name]);
    for (const name of expected.new_later) {
      expect(data.interfaces).toHaveProperty([name]);
      expect(data.interfaces[name]).not.toHaveProperty('bytes_recv_per_sec');
    }
  });
});

describe('network', () => {
  test('a first sample has counters and no rates', () => {
    const { collector } = collectorOn(machineWith({ eth0: [100, 1, 200, 2] }));
    expect(collector.safeCollect()).toEqual({
      state: 'ok',
      data: expect.not.objectContaining({ bytes_recv_per_sec: expect.anything() }),
    });
  });

  test('a wire that is reset has no rate in that sample, and the totals never go down', () => {
    const copy = machineWith({ eth0: [1e12, 1e9, 1e12, 1e9], eth1: [5_000, 50, 5_000, 50] });
    const { collector, clock } = collectorOn(copy);
    const seen: [total: number, rate: number | undefined, own: number | undefined][] = [];
    const sample = (eth0: Counters, eth1: Counters) => {
      show(copy, { eth0, eth1 });
      const data = collector.collect();
      seen.push([data.bytes_recv, data.bytes_recv_per_sec, data.interfaces.eth0?.bytes_recv_per_sec]);
      clock.advanceMs(1_000);
    };
    sample([1e12, 1e9, 1e12, 1e9], [5_000, 50, 5_000, 50]);
    sample([1e12 + 10, 1e9 + 1, 1e12, 1e9], [5_005, 51, 5_000, 50]);
    sample([700, 7, 0, 0], [5_006, 52, 5_000, 50]);
    sample([800, 8, 0, 0], [5_006, 52, 5_000, 50]);
    const base = 1e12 + 5_000;
    expect(seen).toEqual([
      [base, undefined, undefined],
      [base + 15, 15, 10],
      [base + 16, 1, undefined],
      [base + 116, 100, 100],
    ]);
  });

  test('a 32-bit counter that wraps goes on counting', () => {
    const copy = machineWith({ eth0: [2 ** 32 - 100, 5, 9, 9] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    show(copy, { eth0: [900, 6, 9, 9] });
    clock.advanceMs(500);
    expect(collector.collect()).toMatchObject({ bytes_recv: 2 ** 32 + 900, bytes_recv_per_sec: 2_000 });
  });

  test('an interface that appears has no rate at first sight and adds nothing to the totals', () => {
    const copy = machineWith({ eth0: [100, 1, 0, 0] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    give(copy, 'eth1', { ifindex: '9', type: '1', 'device/vendor': '' });
    show(copy, { eth0: [200, 2, 0, 0], eth1: [7e12, 7e9, 0, 0] });
    clock.advanceMs(1_000);
    const data = collector.collect();
    expect(data).toMatchObject({ bytes_recv: 200, bytes_recv_per_sec: 100 });
    expect(data.interfaces.eth1).not.toHaveProperty('bytes_recv_per_sec');
    show(copy, { eth0: [200, 2, 0, 0], eth1: [7e12 + 50, 7e9, 0, 0] });
    clock.advanceMs(1_000);
    expect(collector.collect()).toMatchObject({ bytes_recv: 250, bytes_recv_per_sec: 50 });
  });

  test.each([
    ['far ahead at once', 8e12],
    ['a little ahead, within a second', 5_000],
  ])('an interface replaced by another of its name, %s, has no rate', (_, received) => {
    const copy = machineWith({ eth0: [1_000, 10, 0, 0] }, { eth0: 2 });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    clock.advanceMs(1_000);
    collector.collect();
    give(copy, 'eth0', { ifindex: '7' });
    show(copy, { eth0: [received, 10, 0, 0] });
    clock.advanceMs(1_000);
    const data = collector.collect();
    expect(data.interfaces.eth0).not.toHaveProperty('bytes_recv_per_sec');
    expect(data).not.toHaveProperty('bytes_recv_per_sec');
    expect(data.bytes_recv).toBe(1_000);
  });

  test('no wire is faster than any there is', () => {
    const copy = machineWith({ eth0: [1_000, 10, 0, 0] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    show(copy, { eth0: [1e15, 20, 0, 0] });
    clock.advanceMs(100);
    expect(collector.collect()).not.toHaveProperty('bytes_recv_per_sec');
  });

  test('rows that change places keep their rates', () => {
    const copy = machineWith({ lo: [0, 0, 0, 0], eth0: [100, 1, 0, 0], eth1: [100, 1, 0, 0] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    show(copy, { eth1: [300, 1, 0, 0], eth0: [200, 1, 0, 0], lo: [0, 0, 0, 0] });
    clock.advanceMs(1_000);
    const { interfaces } = collector.collect();
    expect(interfaces.eth0?.bytes_recv_per_sec).toBe(100);
    expect(interfaces.eth1?.bytes_recv_per_sec).toBe(200);
  });

  test("a container's only interface is its wire though no device is behind it", () => {
    const copy = machineWith({
      lo: [9, 9, 9, 9],
      eth0: [100, 1, 0, 0],
      docker0: [5, 5, 5, 5],
      veth1: [6, 6, 6, 6],
    });
    copy.remove('sys/class/net');
    give(copy, 'lo', { ifindex: '1', iflink: '1', type: '772' });
    give(copy, 'eth0', { ifindex: '2', iflink: '3', type: '1', uevent: 'INTERFACE=eth0' });
    give(copy, 'docker0', { ifindex: '3', iflink: '3', type: '1', uevent: 'DEVTYPE=bridge' });
    give(copy, 'veth1', { ifindex: '4', iflink: '2', type: '1', uevent: 'INTERFACE=veth1' });
    symlinkSync('../docker0', join(copy.rootfs, 'sys/class/net/veth1/master'));
    expect(inTotal(collectorOn(copy).collector.collect())).toEqual(['eth0']);
  });

  test('without sysfs the names decide', () => {
    const copy = machineWith({
      lo: [9, 9, 9, 9],
      eth0: [1, 1, 1, 1],
      'eth0:1': [1, 1, 1, 1],
      wg0: [6, 6, 6, 6],
    });
    copy.remove('sys');
    expect(inTotal(collectorOn(copy).collector.collect())).toEqual(['eth0']);
  });

  test('a virtual function below a synthetic card is counted once', () => {
    const copy = machineWith({ eth0: [100, 1, 0, 0], enP1s1: [90, 1, 0, 0] });
    symlinkSync('../eth0', join(copy.rootfs, 'sys/class/net/enP1s1/master'));
    expect(inTotal(collectorOn(copy).collector.collect())).toEqual(['eth0']);
  });

  test("with a rootfs, init's namespace comes first", () => {
    const copy = machineWith({ eth0: [1, 1, 1, 1] });
    mkdirSync(join(copy.rootfs, 'proc/1/net'), { recursive: true });
    copy.write('proc/1/net/dev', netDev({ ens3: [2, 2, 2, 2] }));
    const { collector, clock } = collectorOn(copy);
    expect(Object.keys(collector.collect().interfaces)).toEqual(['ens3']);
    rmSync(join(copy.rootfs, 'proc/1'), { recursive: true });
    clock.advanceMs(100);
    const data = collector.collect();
    expect(Object.keys(data.interfaces)).toEqual(['eth0']);
    expect(data).not.toHaveProperty('bytes_recv_per_sec');
  });

  test('five hundred interfaces fit, and a name is just a name', () => {
    const names = [...Array.from({ length: 499 }, (_, i) => `veth${i}`), '__proto__'];
    const rows = (bytes: number) =>
      Object.fromEntries(names.map((name): [string, Counters] => [name, [bytes, 1, bytes, 1]]));
    const copy = machineWith({ eth0: [0, 0, 0, 0] });
    show(copy, rows(1_000));
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    show(copy, rows(3_000));
    clock.advanceMs(1_000);
    const interfaces = new Map(Object.entries(collector.collect().interfaces));
    expect([...interfaces.keys()]).toEqual(names);
    for (const name of names) expect(interfaces.get(name)?.bytes_sent_per_sec, name).toBe(2_000);
  });

  test.skipIf(withoutPsutil)('tells the same counters as psutil', () => {
    const collector = new NetworkCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => collector.close());
    const before = structuredClone(collector.collect());
    const nics = psutil<Record<string, Record<string, number>>>(
      '{k: v._asdict() for k, v in psutil.net_io_counters(pernic=True).items()}',
    );
    const after = collector.collect();
    expect(Object.keys(after.interfaces).sort()).toEqual(Object.keys(nics).sort());
    for (const [name, counters] of Object.entries(nics)) {
      for (const [key, value] of Object.entries(counters)) {
        const low = Object.entries(before.interfaces[name] ?? {}).find(([field]) => field === key)?.[1];
        const high = Object.entries(after.interfaces[name] ?? {}).find(([field]) => field === key)?.[1];
        expect(value, `${name} ${key}`).toBeGreaterThanOrEqual(Number(low));
        expect(value, `${name} ${key}`).toBeLessThanOrEqual(Number(high));
      }
    }
  });
});

describe('a card that refreshes its counters once a second', () => {
  /** What is shown of a megabyte a second in and a tenth of that out, and of an interface that is always up to date. */
  const shown = (ms: number): Record<string, Counters> => {
    const shownMs = Math.floor(ms / 1_000) * 1_000;
    return { eth0: [shownMs * 1_000, shownMs, shownMs * 100, shownMs], lo: [ms, ms, ms, ms] };
  };

  function watch(prepare: (copy: MachineCopy) => void) {
    const copy = machineWith(shown(0));
    prepare(copy);
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    const rates: number[] = [];
    const totals: number[] = [];
    for (let ms = 100; ms <= 20_000; ms += 100) {
      show(copy, shown(ms));
      clock.advanceMs(100);
      const data = collector.collect();
      rates.push(data.interfaces.eth0!.bytes_recv_per_sec!);
      totals.push(data.bytes_recv_per_sec! - data.interfaces.lo!.bytes_recv_per_sec!);
      expect(data.bytes_recv).toBe(data.interfaces.eth0!.bytes_recv + data.interfaces.lo!.bytes_recv);
    }
    return { rates, totals, sources: collector.sources };
  }

  test.each([
    ['because its link carries ten megabits', (copy: MachineCopy) => give(copy, 'eth0', { speed: '10' })],
    [
      'because its driver is known for it',
      (copy: MachineCopy) =>
        symlinkSync('/sys/bus/pci/drivers/bnx2', join(copy.rootfs, 'sys/class/net/eth0/device/driver')),
    ],
  ])('has its rates spread over the second, %s, and says so', (_, prepare) => {
    const { rates, totals, sources } = watch(prepare);
    expect(Math.max(...rates.slice(0, 50))).toBeCloseTo(1e7, 0);
    for (const rate of [...rates.slice(100), ...totals.slice(100)]) expect(rate).toBeCloseTo(1e6, 0);
    expect(sources).toEqual({ 'interfaces.eth0': { source: '/proc/net/dev', period_ms: 1_000 } });
  });

  test.each([
    ['whose speed is not known', () => {}],
    ['that carries a gigabit', (copy: MachineCopy) => give(copy, 'eth0', { speed: '1000' })],
    [
      'whose speed is made up',
      (copy: MachineCopy) => {
        give(copy, 'eth0', { speed: '10' });
        symlinkSync(
          '/sys/bus/virtio/drivers/virtio_net',
          join(copy.rootfs, 'sys/class/net/eth0/device/driver'),
        );
      },
    ],
  ])(
    'looks like a job that sends once a second: one %s is shown as read, with the suspicion',
    (_, prepare) => {
      const { rates, sources } = watch(prepare);
      expect(rates.filter((rate) => rate > 0)).toEqual(Array(20).fill(1e7));
      expect(sources).toEqual({ 'interfaces.eth0': { source: '/proc/net/dev', suspected_period_ms: 1_000 } });
    },
  );
});

describe('more than a link can have carried', () => {
  const GLITCHES: [string, (counters: Counters) => Counters][] = [
    ['zeros', () => [0, 0, 0, 0]],
    ['the counters of another time', () => [1_400, 3, 900, 2]],
    ['a number from nowhere', ([, packets, sent, sentPackets]) => [9e15, packets, sent, sentPackets]],
  ];

  test.each(GLITCHES)(
    '%s for one reading or several are no traffic, and the totals stay right',
    (_, glitch) => {
      for (const readings of [1, 3]) {
        const copy = machineWith({ eth0: [5e10, 4e7, 5e9, 4e6] });
        const { collector, clock } = collectorOn(copy);
        const rates: (number | undefined)[] = [];
        let latest = collector.collect();
        const step = (counters: Counters): void => {
          show(copy, { eth0: counters });
          clock.advanceMs(100);
          latest = collector.collect();
          rates.push(latest.interfaces.eth0?.bytes_recv_per_sec, latest.bytes_recv_per_sec);
        };
        const at = (tick: number): Counters => [
          5e10 + tick * 10_000,
          4e7 + tick * 10,
          5e9 + tick * 1_000,
          4e6 + tick,
        ];
        step(at(1));
        for (let tick = 0; tick < readings; tick++) step(glitch(at(2)));
        for (let tick = 3; tick < 8; tick++) step(at(tick));
        expect(Math.max(...rates.map((rate) => rate ?? 0))).toBeLessThanOrEqual(210_000);
        expect(latest.bytes_recv).toBe(5e10 + 70_000);
        expect(latest.packets_recv).toBe(4e7 + 70);
      }
    },
  );

  test('is judged by the speed of the link, and said', () => {
    const copy = machineWith({ eth0: [0, 0, 0, 0] });
    give(copy, 'eth0', { speed: '1000' });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    // A gigabit is 12.5 MB in 100 ms.
    show(copy, { eth0: [12_500_000, 9_000, 0, 0] });
    clock.advanceMs(100);
    expect(collector.collect().interfaces.eth0?.bytes_recv_per_sec).toBe(1.25e8);
    expect(collector.sources).toBeUndefined();
    show(copy, { eth0: [112_500_000, 99_000, 0, 0] });
    clock.advanceMs(100);
    expect(collector.collect().interfaces.eth0).not.toHaveProperty('bytes_recv_per_sec');
    expect(collector.collect().bytes_recv).toBe(12_500_000);
    expect(collector.sources?.['interfaces.eth0']?.message).toContain('more than the link');
  });

  test('is not what a card tells at once that was silent for a second', () => {
    const copy = machineWith({ eth0: [1_000, 10, 0, 0] });
    give(copy, 'eth0', { speed: '100' });
    const { collector, clock } = collectorOn(copy);
    const at = (bytes: number): NetworkData => {
      show(copy, { eth0: [bytes, 10 + bytes / 1_000, 0, 0] });
      clock.advanceMs(100);
      return collector.collect();
    };
    at(1_000);
    at(2_000);
    for (let tick = 0; tick < 9; tick++) at(2_000);
    // All of a second at full speed.
    expect(at(12_502_000).interfaces.eth0?.bytes_recv_per_sec).toBe(1.25e8);
  });

  test('is measured anew when the link has become faster', () => {
    const copy = machineWith({ eth0: [0, 0, 0, 0] });
    give(copy, 'eth0', { speed: '10' });
    const { collector, clock } = collectorOn(copy);
    const at = (bytes: number): number | undefined => {
      show(copy, { eth0: [bytes, bytes / 1_000, 0, 0] });
      clock.advanceMs(1_000);
      return collector.collect().interfaces.eth0?.bytes_recv_per_sec;
    };
    at(0);
    give(copy, 'eth0', { speed: '10000' });
    expect(at(1e9)).toBeUndefined();
    expect(at(2e9)).toBe(1e9);
  });
});

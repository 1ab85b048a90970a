import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { CpuData } from '../../../src/model/snapshot.ts';
import { CpuCollector } from '../../../workers/collectors/cpu.ts';
import {
  type Expected,
  expectedOf,
  MACHINES,
  type Machine,
  MachineCopy,
  TestClock,
} from '../../support/machine.ts';
import { psutilBetween, withoutPsutil } from '../../support/psutil.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function collectorOn(copy: MachineCopy): { collector: CpuCollector; clock: TestClock } {
  const clock = new TestClock();
  const collector = new CpuCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return { collector, clock };
}

/** /proc/stat of a machine with the given rows: jiffies of user, nice, system, idle, iowait, irq, softirq, steal. */
function stat(rows: Record<string, readonly number[]>): string {
  const lines = Object.entries(rows).map(([name, times]) => `${name} ${times.join(' ')}`);
  return `${lines.join('\n')}\nintr 1 2 3\nctxt 7\n`;
}

/** A machine where nothing is finer than jiffies. */
function withoutFineSources(machine: Machine): MachineCopy {
  const copy = new MachineCopy(machine);
  copy.remove('sys/devices/system/cpu');
  return copy;
}

function machineWith(rows: Record<string, readonly number[]>): MachineCopy {
  const copy = withoutFineSources('small-vm');
  copy.write('proc/stat', stat(rows));
  return copy;
}

/** Of several sensors that of the hottest package, and Tdie rather than Tctl. */
function temperatureOf({ cpu: { temperature_celsius: celsius } }: Expected): number | null {
  if (celsius === null || typeof celsius === 'number') return celsius;
  return celsius.max_package ?? celsius.Tdie ?? null;
}

describe.each(MACHINES)('cpu on %s', (machine) => {
  const expected = expectedOf(machine);

  function sample(copy = new MachineCopy(machine)): CpuData {
    const { collector, clock } = collectorOn(copy);
    expect(collector.collect()).toBeNull();
    const fine = existsSync(join(copy.rootfs, 'sys/devices/system/cpu'));
    copy.later();
    if (!fine) copy.remove('sys/devices/system/cpu');
    clock.advanceMs(expected.later_after_ms);
    const data = collector.collect();
    expect(data).not.toBeNull();
    return data!;
  }

  test('shares out the time between two readings as psutil does', () => {
    const data = sample(withoutFineSources(machine));
    for (const kind of [
      'usage',
      'user',
      'nice',
      'system',
      'idle',
      'iowait',
      'irq',
      'softirq',
      'steal',
    ] as const) {
      expect(data[`${kind}_percent`]).toBeCloseTo(expected.cpu.percent[kind]!, 5);
    }
  });

  test('tells the seconds of each kind, in total and of each core', () => {
    const copy = withoutFineSources(machine);
    const row = (name: string): number[] =>
      (new RegExp(`^${name} +(.*)$`, 'm').exec(copy.read('proc/stat'))?.[1] ?? '').split(' ').map(Number);
    const before = row('cpu');
    const coreBefore = row('cpu0');
    const data = sample(copy);
    for (const [kind, name] of (['user', 'nice', 'system', 'idle', 'iowait'] as const).entries()) {
      const grown = Math.max(0, row('cpu')[kind]! - before[kind]!);
      // Where the rows contradict each other the cores count.
      expect(Math.abs(data[`${name}_seconds`] * 100 - before[kind]! - grown), name).toBeLessThanOrEqual(40);
      expect(data[`per_core_${name}_seconds`][0], name).toBeCloseTo(
        Math.max(coreBefore[kind]!, row('cpu0')[kind]!) / 100,
        6,
      );
    }
    for (const id of expected.cpu.missing_later) expect(data.per_core_user_seconds[id]).toBeNull();
  });

  test('the kinds add up to all time there is', () => {
    const data = sample();
    const { user_percent, nice_percent, system_percent, idle_percent } = data;
    const { iowait_percent, irq_percent, softirq_percent, steal_percent } = data;
    const busy = user_percent + nice_percent + system_percent + irq_percent + softirq_percent + steal_percent;
    expect(busy).toBeCloseTo(data.usage_percent, 9);
    expect(busy + idle_percent + iowait_percent).toBeCloseTo(100, 9);
  });

  test('tells the usage of each core by its id', () => {
    const data = sample(withoutFineSources(machine));
    for (const [id, core] of Object.entries(expected.cpu.per_core)) {
      const usage = core === null || core.total_ticks === 0 ? null : core.usage;
      if (usage === null) expect(data.per_core[Number(id)] ?? null, `core ${id}`).toBeNull();
      else expect(data.per_core[Number(id)], `core ${id}`).toBeCloseTo(usage, 5);
    }
    for (const id of expected.cpu.missing_later) expect(data.per_core[id]).toBeNull();
  });

  test('tells about the same from finer sources, where there are any', () => {
    const data = sample();
    for (const [id, core] of Object.entries(expected.cpu.per_core)) {
      const usage = data.per_core[Number(id)];
      // One jiffy at either end of the interval, in what jiffies say and in what is missing from the rest.
      const jiffyShare = 1_000 / expected.later_after_ms;
      if (core?.usage != null && core.total_ticks > 0) {
        expect(Math.abs(usage! - core.usage), `core ${id}`).toBeLessThanOrEqual(2 * jiffyShare + 1);
      }
    }
    expect(Math.abs(data.usage_percent - expected.cpu.percent.usage!)).toBeLessThanOrEqual(2);
  });

  test('reads load, frequency and temperature', () => {
    const copy = new MachineCopy(machine);
    // Once a second, as often as is more than enough.
    const loadBefore = copy.read('proc/loadavg');
    const data = sample(copy);
    const text = expected.later_after_ms < 1_000 ? loadBefore : copy.read('proc/loadavg');
    const loadAverages = text.split(' ', 3).map(Number);
    expect([data.load_avg_1m, data.load_avg_5m, data.load_avg_15m]).toEqual(loadAverages);
    const { cpufreq_mean_over_online_cpus: scaled, cpuinfo_mean: printed } = expected.cpu.frequency_mhz;
    const mhz = scaled ?? printed;
    if (mhz === null) expect(data.frequency_mhz).toBeNull();
    else expect(data.frequency_mhz).toBeCloseTo(mhz, 4);
    expect(data.temperature_celsius).toBe(temperatureOf(expected));
  });
});

describe('cpu', () => {
  test('a kind that runs backwards counts as nothing and does not eat up the others', () => {
    const copy = machineWith({ cpu: [100, 0, 0, 100, 500, 0, 0, 0], cpu0: [100, 0, 0, 100, 500, 0, 0, 0] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    copy.write('proc/stat', stat({ cpu: [150, 0, 0, 150, 100], cpu0: [150, 0, 0, 150, 100] }));
    clock.advanceMs(1_000);
    expect(collector.collect()?.usage_percent).toBe(50);
    expect(collector.collect()?.per_core[0]).toBe(50);
  });

  test('a core that goes away and comes back is null until it has two readings again', () => {
    const rows = (cpu1: readonly number[] | undefined) => ({
      cpu: [0, 0, 0, 100],
      cpu0: [0, 0, 0, 100],
      ...(cpu1 && { cpu1 }),
    });
    const copy = machineWith(rows([0, 0, 0, 100]));
    const { collector, clock } = collectorOn(copy);
    const perCore: (number | null | undefined)[] = [];
    const later: (readonly number[] | undefined)[] = [
      [50, 0, 0, 150],
      undefined,
      [60, 0, 0, 160],
      [60, 0, 0, 260],
    ];
    collector.collect();
    for (const [index, cpu1] of later.entries()) {
      const idle = 200 + 100 * index;
      copy.write('proc/stat', stat({ ...rows(cpu1), cpu: [0, 0, 0, idle], cpu0: [0, 0, 0, idle] }));
      clock.advanceMs(1_000);
      perCore.push(collector.collect()?.per_core[1]);
    }
    expect(perCore).toEqual([50, null, null, 0]);
  });

  test('a core whose idle time falls by seconds is another core', () => {
    const copy = machineWith({ cpu: [0, 0, 0, 9_000], cpu0: [10, 0, 0, 9_000] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    copy.write('proc/stat', stat({ cpu: [0, 0, 0, 9_100], cpu0: [70, 0, 0, 5] }));
    clock.advanceMs(1_000);
    // The only one: nothing is known of any.
    expect(collector.safeCollect()).toEqual({ state: 'warming_up' });
  });

  test('ticks shorter than a jiffy glide over the last 100 ms', () => {
    const copy = machineWith({ cpu: [0, 0, 0, 0], cpu0: [0, 0, 0, 0] });
    const { collector, clock } = collectorOn(copy);
    const usages: (number | undefined)[] = [];
    for (let ms = 0; ms <= 300; ms++) {
      // Busy for the second half of each 100 ms.
      const jiffies = Math.floor(ms / 10);
      const busy = Math.floor(jiffies / 10) * 5 + Math.max(0, (jiffies % 10) - 5);
      const row = [busy, 0, 0, jiffies - busy];
      copy.write('proc/stat', stat({ cpu: row, cpu0: row }));
      usages.push(collector.collect()?.usage_percent);
      clock.advanceMs(1);
    }
    expect(usages.slice(0, 10)).toEqual(Array(10).fill(undefined));
    for (const usage of usages.slice(120)) expect(Math.abs(usage! - 50)).toBeLessThanOrEqual(10);
  });

  test('counters that stand still say nothing rather than zero', () => {
    const copy = machineWith({ cpu: [5, 0, 0, 5], cpu0: [5, 0, 0, 5] });
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    clock.advanceMs(1_000);
    expect(collector.collect()).toBeNull();
  });

  test('a thousand cores fit', () => {
    const rows = (jiffies: number) => {
      const row = [jiffies, 0, 0, jiffies];
      return Object.fromEntries([
        ['cpu', row],
        ...Array.from({ length: 1_000 }, (_, id) => [`cpu${id}`, row]),
      ]);
    };
    const copy = machineWith(rows(0));
    const { collector, clock } = collectorOn(copy);
    collector.collect();
    copy.write('proc/stat', stat(rows(100)));
    clock.advanceMs(1_000);
    expect(collector.collect()?.per_core).toEqual(Array(1_000).fill(50));
  });

  test('says which sources its figures come from', () => {
    const { collector, clock } = collectorOn(new MachineCopy('small-vm'));
    collector.collect();
    clock.advanceMs(100);
    collector.collect();
    const { sources } = collector;
    expect(sources).toMatchObject({
      usage_percent: { source: 'cpuidle', resolution_ms: 0.001 },
      per_core: { cores: 2 },
      user_percent: { source: '/proc/stat', resolution_ms: 10, window_ms: 95 },
    });
    clock.advanceMs(100);
    collector.collect();
    expect(collector.sources).toBe(sources);
    const { collector: coarse } = collectorOn(withoutFineSources('small-vm'));
    coarse.collect();
    expect(coarse.sources).toMatchObject({ per_core: { source: '/proc/stat', window_ms: 95 } });
  });

  test.skipIf(withoutPsutil)('tells the same as psutil of the same second', async () => {
    const collector = new CpuCollector({ rootfs: '', perfCpus: 'all' });
    cleanups.push(() => collector.close());
    let ours: CpuData | null = null;
    const theirs = await psutilBetween<[Record<string, number>, number[]]>(
      '[psutil.cpu_times_percent()._asdict(), psutil.cpu_percent(percpu=True)]',
      () => collector.collect(),
      async () => {
        const until = performance.now() + 1_000;
        while (performance.now() < until) await new Promise(setImmediate);
        ours = structuredClone(collector.collect());
      },
    );
    // Both read /proc/stat, a moment apart: a few jiffies of a second.
    const data = ours! as CpuData;
    for (const kind of ['user', 'system', 'idle', 'iowait', 'nice', 'steal'] as const) {
      expect(Math.abs(data[`${kind}_percent`] - theirs[0][kind]!), kind).toBeLessThan(8);
    }
    for (const [core, usage] of theirs[1].entries()) {
      expect(Math.abs(data.per_core[core]! - usage), `core ${core}`).toBeLessThan(12);
    }
  });
});

/** Rows of cores that are busy for a part of their time, and of all together as the kernel sums them up. */
class Cores {
  readonly rows: number[][];
  /** What the row of all has beside the sum of the cores that are online, by kind. */
  readonly offline = [0, 0, 0, 0, 0, 0, 0, 0];

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, id) => [1_000 + id, 0, 500, 900_000, 100, 0, 10, 5]);
  }

  /** A second in which every core is busy for a fifth. */
  pass(except: readonly number[] = []): void {
    for (const [id, row] of this.rows.entries()) {
      if (except.includes(id)) continue;
      row[0]! += 10;
      row[2]! += 10;
      row[3]! += 80;
    }
  }

  stat(absent: readonly number[] = []): string {
    const online = this.rows
      .map((row, id) => [`cpu${id}`, row] as const)
      .filter((_, id) => !absent.includes(id));
    const all = this.offline.map((extra, kind) => online.reduce((sum, [, row]) => sum + row[kind]!, extra));
    return stat(Object.fromEntries([['cpu', all], ...online]));
  }
}

describe('what cannot have happened', () => {
  function watch(count: number) {
    const cores = new Cores(count);
    const copy = machineWith({ cpu: [0], cpu0: [0] });
    const { collector, clock } = collectorOn(copy);
    const step = (absent: readonly number[] = []) => {
      copy.write('proc/stat', cores.stat(absent));
      clock.advanceMs(1_000);
      const outcome = collector.safeCollect();
      return outcome.state === 'ok' ? outcome.data : outcome.state;
    };
    step();
    return { cores, step, message: () => collector.sources?.per_core?.message };
  }

  test.each([
    ['whose idle time begins anew', (row: number[]) => row.fill(3, 3, 5)],
    ['whose counters all begin anew', (row: number[]) => row.fill(0)],
    ['that kept its counters', () => {}],
    ['that comes back with hours of idle time', (row: number[]) => (row[3]! += 1e7)],
  ])('a core that goes and comes back, %s, changes nothing for the rest', (_, change) => {
    const { cores, step } = watch(4);
    cores.pass();
    expect(step()).toMatchObject({ usage_percent: 20, per_core: [20, 20, 20, 20] });
    cores.pass([3]);
    expect(step([3])).toMatchObject({ usage_percent: expect.closeTo(20, 6), per_core: [20, 20, 20, null] });
    cores.pass([3]);
    change(cores.rows[3]!);
    expect(step()).toMatchObject({ usage_percent: expect.closeTo(20, 6), per_core: [20, 20, 20, null] });
    cores.pass();
    expect(step()).toMatchObject({ usage_percent: expect.closeTo(20, 6), per_core: [20, 20, 20, 20] });
  });

  test('the row of all cores counts for nothing where it contradicts them, and that is said', () => {
    const { cores, step, message } = watch(4);
    cores.pass();
    cores.offline[3]! -= 700_000;
    expect(step()).toMatchObject({
      usage_percent: expect.closeTo(20, 6),
      idle_percent: expect.closeTo(80, 6),
    });
    expect(message()).toContain('contradicts');
  });

  test.each([
    ['steal', 7],
    ['idle', 3],
    ['iowait', 4],
    ['user', 0],
  ])('%s that jumps by days on one core costs that core its figure, and is said', (_, kind) => {
    const { cores, step, message } = watch(4);
    cores.pass();
    cores.rows[1]![kind]! += 1e8;
    expect(step()).toMatchObject({ usage_percent: expect.closeTo(20, 6), per_core: [20, null, 20, 20] });
    expect(message()).toContain('cpu1');
    cores.pass();
    expect(step()).toMatchObject({ usage_percent: 20, per_core: [20, 20, 20, 20] });
  });

  test('steal that jumps by days on all cores at once is no usage at all', () => {
    const { cores, step } = watch(2);
    cores.pass();
    for (const row of cores.rows) row[7]! += 1e8;
    expect(step()).toBe('warming_up');
    cores.pass();
    expect(step()).toMatchObject({ usage_percent: 20 });
  });

  test('on a host with one core, too', () => {
    const { cores, step } = watch(1);
    cores.pass();
    cores.rows[0]![7]! += 1e8;
    expect(step()).toBe('warming_up');
    cores.pass();
    expect(step()).toMatchObject({ usage_percent: 20, per_core: [20] });
  });
});

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { CgroupData, CgroupsData } from '../../../src/model/snapshot.ts';
import { CgroupsCollector } from '../../../workers/collectors/cgroups.ts';
import { expectedOf, MACHINES, MachineCopy, TestClock } from '../../support/machine.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Host {
  readonly copy: MachineCopy;
  readonly collector: CgroupsCollector;
  readonly clock: TestClock;
  /** Lets time pass and takes a sample. */
  sample(ms: number): CgroupsData;
  /** Writes files of a group in the tree of version 2. */
  group(path: string, files: Readonly<Record<string, string>>): void;
}

function on(machine: (typeof MACHINES)[number]): Host {
  const copy = new MachineCopy(machine);
  const clock = new TestClock();
  const collector = new CgroupsCollector({ rootfs: copy.rootfs, perfCpus: 'all' }, clock.now);
  cleanups.push(() => {
    collector.close();
    copy.dispose();
  });
  return {
    copy,
    collector,
    clock,
    sample(ms) {
      clock.advanceMs(ms);
      return collector.collect();
    },
    group(path, files) {
      for (const [name, content] of Object.entries(files)) {
        const file = join('sys/fs/cgroup', path, name);
        mkdirSync(join(copy.rootfs, dirname(file)), { recursive: true });
        copy.write(file, content);
      }
    },
  };
}

/** A host of version 2 without groups but those a test makes. */
function bare(): Host {
  const host = on('hybrid-laptop');
  for (const name of ['init.scope', 'system.slice', 'user.slice']) host.copy.remove(`sys/fs/cgroup/${name}`);
  return host;
}

const cpuStat = (usage: number, quota?: readonly [periods: number, throttled: number, us: number]): string =>
  `usage_usec ${usage}\nuser_usec ${usage}\nsystem_usec 0\n${
    quota === undefined
      ? ''
      : `nr_periods ${quota[0]}\nnr_throttled ${quota[1]}\nthrottled_usec ${quota[2]}\nnr_bursts 0\nburst_usec 0\n`
  }`;

/** What is there. */
const told = (group: CgroupData | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(group ?? {}).filter(([, value]) => value !== undefined));

test.each(MACHINES)('every group and every figure on %s', (machine) => {
  const { later_after_ms, cgroups } = expectedOf(machine);
  const { copy, sample } = on(machine);
  const first = structuredClone(sample(0));
  expect(Object.keys(first.groups).length).toBeGreaterThan(0);
  for (const group of Object.values(first.groups)) {
    expect(Object.keys(told(group)).filter((field) => /_percent$|_per_sec$/.test(field))).toEqual([]);
  }
  copy.later();
  const { groups } = sample(later_after_ms);
  expect(Object.keys(groups).sort()).toEqual(Object.keys(cgroups.groups).sort());
  for (const [name, fields] of Object.entries(cgroups.groups)) {
    const group = told(groups[name]);
    expect(Object.keys(group).sort(), name).toEqual(Object.keys(fields).sort());
    for (const [field, value] of Object.entries(fields)) {
      if (typeof value === 'number') expect(group[field], `${name} ${field}`).toBeCloseTo(value, 5);
      else expect(group[field], `${name} ${field}`).toBe(value);
    }
  }
});

describe('cgroups', () => {
  test('without a mount of control groups fails with what to do about it', () => {
    const { copy, collector } = on('hybrid-laptop');
    for (const who of ['1', 'self']) {
      const path = `proc/${who}/mountinfo`;
      copy.write(path, copy.read(path).replace(/^.* - cgroup2 .*\n/m, ''));
    }
    expect(collector.safeCollect()).toMatchObject({
      state: 'failed',
      code: 'SOURCE_MISSING',
      message: expect.stringMatching(/mount -t cgroup2/),
    });
  });

  test('shares are of one core, over the time between the two reads of that group', () => {
    const { group, sample } = bare();
    group('a.service', { 'cpu.stat': cpuStat(1_000_000) });
    sample(0);
    group('a.service', { 'cpu.stat': cpuStat(1_150_000) });
    expect(sample(100).groups['a.service']!.cpu_percent).toBeCloseTo(150, 6);
    group('a.service', { 'cpu.stat': cpuStat(1_175_000) });
    expect(sample(50).groups['a.service']!.cpu_percent).toBeCloseTo(50, 6);
  });

  test('a little more than all cores is all cores, much more is refused and named, once', () => {
    const { collector, group, sample } = bare();
    group('a.service', { 'cpu.stat': cpuStat(0) });
    // There are sixteen.
    sample(0);
    group('a.service', { 'cpu.stat': cpuStat(1_700_000) });
    expect(sample(100).groups['a.service']!.cpu_percent).toBe(1_600);
    expect(collector.sources?.['groups.*.cpu_percent']).toBeUndefined();
    group('a.service', { 'cpu.stat': cpuStat(60_000_000) });
    const refused = sample(100).groups['a.service']!;
    expect(refused.cpu_percent).toBeUndefined();
    expect(refused.cpu_seconds).toBe(60);
    expect(collector.sources?.['groups.*.cpu_percent']?.message).toMatch(/a\.service grew by 58300ms/);
    group('a.service', { 'cpu.stat': cpuStat(60_010_000) });
    expect(sample(100).groups['a.service']!.cpu_percent).toBeCloseTo(10, 6);
    for (let i = 0; i < 101; i++) sample(100);
    expect(collector.sources?.['groups.*.cpu_percent']).toBeUndefined();
  });

  test('the throttled share is of the periods that ended, and holds between their ends', () => {
    const { group, sample } = bare();
    const shareAfter = (ms: number, quota: readonly [number, number, number]): number | undefined => {
      group('a.service', { 'cpu.stat': cpuStat(0, quota) });
      return sample(ms).groups['a.service']!.throttled_percent;
    };
    expect(shareAfter(0, [10, 2, 5_000])).toBeUndefined();
    expect(shareAfter(100, [14, 5, 9_000])).toBe(75);
    expect(shareAfter(100, [14, 5, 9_000])).toBe(75);
    expect(shareAfter(100, [14, 5, 9_000])).toBe(75);
    expect(shareAfter(100, [14, 5, 9_000])).toBe(0);
    expect(shareAfter(20, [15, 6, 9_500])).toBe(100);
    // The controller was taken away.
    group('a.service', { 'cpu.stat': cpuStat(0) });
    expect(told(sample(100).groups['a.service'])).not.toHaveProperty('throttled_percent');
  });

  test('what lies in a group that stood still is not read, and nothing it used is lost', () => {
    const { copy, group, sample } = bare();
    const inner = 'user.slice/user-7.slice/session-1.scope';
    const used = (outer: number, own: number): void => {
      group('user.slice/user-7.slice', { 'cpu.stat': cpuStat(outer) });
      group(inner, { 'cpu.stat': cpuStat(own) });
    };
    used(100, 50);
    sample(0);
    sample(100);
    const now = (): number | undefined => sample(100).groups['session-1.scope']!.cpu_percent;
    // It cannot have been used by the one and not by the other: that it is not told shows that it was not read.
    used(100, 10_050);
    expect(now()).toBe(0);
    used(10_100, 10_050);
    expect(now()).toBeCloseTo(10, 6);
    expect(now()).toBe(0);
    copy.remove('sys/fs/cgroup/user.slice');
    expect(sample(100).groups).toEqual({});
  });

  test('a group that comes is told within a second, one that goes at once', () => {
    const { copy, group, sample } = bare();
    group('a.service', { 'cpu.stat': cpuStat(0) });
    sample(0);
    group('system.slice/nested.slice/b.service', { 'cpu.stat': cpuStat(5) });
    for (let ms = 0; ms < 1_000; ms += 100) sample(100);
    expect(Object.keys(sample(100).groups)).toEqual(['a.service', 'b.service']);
    copy.remove('sys/fs/cgroup/a.service');
    expect(Object.keys(sample(100).groups)).toEqual(['b.service']);
  });

  test('one whose CPU time nobody accounts goes at once, too, and is told of until then', () => {
    const { copy, collector, sample } = on('small-vm');
    copy.remove('sys/fs/cgroup/cpuacct');
    expect(sample(0).groups['jobs/nightly']).toMatchObject({ memory_bytes: 50_000_000, tasks: 7 });
    expect(collector.sources?.['groups.*.cpu_percent']?.message).toMatch(/jobs\/nightly has no file/);
    copy.remove('sys/fs/cgroup/memory/jobs/nightly');
    expect(sample(100).groups).not.toHaveProperty('jobs/nightly');
  });

  test('a group that is made again under its name is another: no rate goes across', () => {
    const { copy, group, sample } = bare();
    group('a.service', { 'cpu.stat': cpuStat(1_000_000) });
    sample(0);
    copy.remove('sys/fs/cgroup/a.service');
    expect(sample(100).groups).toEqual({});
    group('a.service', { 'cpu.stat': cpuStat(1_010_000) });
    const again = sample(1_000).groups['a.service']!;
    expect(again.cpu_percent).toBeUndefined();
    expect(again.cpu_seconds).toBe(1.01);
  });

  test('a counter that went backwards makes no share', () => {
    const { group, sample } = bare();
    group('a.service', { 'cpu.stat': cpuStat(1_000_000) });
    sample(0);
    group('a.service', { 'cpu.stat': cpuStat(10) });
    expect(sample(100).groups['a.service']!.cpu_percent).toBeUndefined();
    group('a.service', { 'cpu.stat': cpuStat(10_010) });
    expect(sample(100).groups['a.service']!.cpu_percent).toBeCloseTo(10, 6);
  });

  test('a file that cannot be understood costs its own fields in its own group', () => {
    const { collector, group, sample } = bare();
    const files = { 'cpu.stat': cpuStat(0), 'memory.current': '4096\n', 'pids.current': '3\n' };
    group('a.service', files);
    group('b.service', files);
    sample(0);
    group('a.service', { 'cpu.stat': 'usage_usec 12', 'memory.current': 'many\n' });
    const { groups } = sample(1_000);
    expect(told(groups['a.service'])).toEqual({ kind: 'service', tasks: 3 });
    expect(groups['b.service']).toMatchObject({ cpu_percent: 0, memory_bytes: 4096, tasks: 3 });
    expect(collector.sources?.['groups.*.cpu_percent']?.message).toMatch(/a\.service.*cut off/);
    expect(collector.sources?.['groups.*.memory_bytes']?.message).toMatch(
      /memory\.current is not one number/,
    );
  });

  test('two groups of one name are both told', () => {
    const { group, sample } = bare();
    for (const slice of ['system.slice', 'other.slice'])
      group(`${slice}/a.service`, { 'cpu.stat': cpuStat(0) });
    const names = Object.keys(sample(0).groups).sort();
    expect(names).toHaveLength(2);
    expect(names[0]).toBe('a.service');
    expect(names[1]).toMatch(/^a\.service \(\/(system|other)\.slice\/a\.service\)$/);
  });

  test('names that are no text are told, escaped, and read', () => {
    const { copy, sample } = bare();
    const place = Buffer.from(`${copy.rootfs}/sys/fs/cgroup/caf\xe9.service`, 'latin1');
    mkdirSync(place);
    cleanups.push(() => rmSync(place, { recursive: true, force: true }));
    const file = Buffer.concat([place, Buffer.from('/cpu.stat')]);
    writeFileSync(file, cpuStat(42));
    expect(sample(0).groups).toMatchObject({ 'caf\\xe9.service': { cpu_seconds: 0.000042 } });
  });

  test('of many groups the CPU time of all is told at every tick, the rest of the busiest and in turn', () => {
    const { collector, group, sample } = bare();
    const many = Array.from({ length: 300 }, (_, i) => `s${i}.service`);
    const write = (usage: (i: number) => number, memory: number): void => {
      for (const [i, name] of many.entries())
        group(name, { 'cpu.stat': cpuStat(usage(i)), 'memory.current': `${memory}\n` });
    };
    collector.start(100e6);
    write(() => 0, 1);
    // Everything is read twice as soon as it is found, so many groups a tick.
    for (let tick = 0; tick < 30; tick++) sample(100);
    expect(Object.keys(sample(100).groups)).toHaveLength(300);
    write((i) => (i === 7 ? 90_000 : 100), 2);
    const { groups } = sample(100);
    expect(many.filter((name) => groups[name]!.cpu_percent === undefined)).toEqual([]);
    expect(groups['s7.service']!.cpu_percent).toBeCloseTo(90, 6);
    for (let tick = 0; tick < 5 && groups['s7.service']!.memory_bytes !== 2; tick++) {
      write((i) => (i === 7 ? 180_000 + tick * 90_000 : 100), 2);
      sample(100);
    }
    expect(groups['s7.service']!.memory_bytes).toBe(2);
    const told = many.filter((name) => groups[name]!.memory_bytes === 2);
    expect(told.length).toBeLessThan(10);
    const turnMs = collector.sources?.['groups.*']?.turn_ms;
    expect(turnMs).toBeGreaterThan(1_000);
    for (let ms = 0; ms < turnMs!; ms += 1_000) sample(1_000);
    expect(many.filter((name) => groups[name]!.memory_bytes !== 2)).toEqual([]);
  });

  test('names people gave are shown where files tell them', () => {
    const { copy, sample } = on('container-host');
    const id = '9f3c12ab34cd56ef'.repeat(4);
    for (const [path, content] of [
      [`var/lib/docker/containers/${id}/config.v2.json`, '{"Name":"/shop","Config":{"Image":"shop:3"}}'],
      [
        'var/lib/containers/storage/overlay-containers/containers.json',
        `[{"id":"${'ab12cd34ef56ab78'.repeat(4)}","names":["mail"]}]`,
      ],
    ] as const) {
      mkdirSync(join(copy.rootfs, dirname(path)), { recursive: true });
      copy.write(path, content);
    }
    expect(Object.keys(sample(0).groups)).toEqual(
      expect.arrayContaining(['docker/9f3c12ab34cd (shop)', 'podman/ab12cd34ef56 (mail)']),
    );
  });

  test('the name of a user, of a pod and of its containers', () => {
    const laptop = on('hybrid-laptop');
    mkdirSync(join(laptop.copy.rootfs, 'etc'));
    laptop.copy.write('etc/passwd', 'root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n');
    expect(Object.keys(laptop.sample(0).groups)).toContain('user-1000.slice (alice)');
    const server = on('server-128');
    const pod = '3f6b2c1a-0d4e-4f5a-9b8c-7d6e5f4a3b2c';
    const id = '1a2b3c4d5e6f7081'.repeat(4);
    mkdirSync(join(server.copy.rootfs, `var/log/pods/shop_web-1_${pod}`), { recursive: true });
    mkdirSync(join(server.copy.rootfs, 'var/log/containers'));
    server.copy.write(`var/log/containers/web-1_shop_nginx-${id}.log`, '');
    expect(Object.keys(server.sample(0).groups)).toEqual(
      expect.arrayContaining([`pod/${pod} (shop/web-1)`, 'containerd/1a2b3c4d5e6f (shop/web-1/nginx)']),
    );
  });

  test('a name that is written down after the group was made is taken up', () => {
    const { copy, sample } = on('server-128');
    const id = '1a2b3c4d5e6f7081'.repeat(4);
    expect(Object.keys(sample(0).groups)).toContain('containerd/1a2b3c4d5e6f');
    mkdirSync(join(copy.rootfs, 'var/log/containers'), { recursive: true });
    copy.write(`var/log/containers/web-1_shop_nginx-${id}.log`, '');
    sample(1_000);
    const named = 'containerd/1a2b3c4d5e6f (shop/web-1/nginx)';
    const { groups } = sample(2_000);
    expect(groups[named]!.cpu_percent).toBe(0);
    expect(groups).not.toHaveProperty('containerd/1a2b3c4d5e6f');
  });

  test('under another root the mounts of this process have paths from the first', () => {
    const { copy, sample } = on('hybrid-laptop');
    copy.remove('proc/1/mountinfo');
    const path = 'proc/self/mountinfo';
    copy.write(path, copy.read(path).replace(' /sys/fs/cgroup ', ` ${copy.rootfs}/sys/fs/cgroup `));
    expect(Object.keys(sample(0).groups)).toContain('NetworkManager.service');
  });
});

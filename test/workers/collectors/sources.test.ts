import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/handover/messages.ts';
import { COLLECTOR_NAMES, type CollectorName } from '../../../src/model/collectors.ts';
import type { Sources } from '../../../src/model/snapshot.ts';
import { COLLECTORS } from '../../../workers/registry.ts';
import { MachineCopy } from '../../support/machine.ts';

/** A file or folder a collector reads. */
interface Source {
  readonly path: string;
  /** What is not there without it; 'everything' where the collector lives by it, '' where another stands in. */
  readonly costs: RegExp | 'everything' | '';
  /** How it is named in `sources`. */
  readonly named?: string;
}

/** What each collector reads of a small virtual machine. perf_events asks a program instead. */
const SOURCES: Readonly<Record<Exclude<CollectorName, 'perf_events'>, readonly Source[]>> = {
  cpu: [
    { path: 'proc/stat', costs: 'everything' },
    { path: 'proc/loadavg', costs: /^load_avg_/, named: 'load_avg_1m' },
    { path: 'proc/cpuinfo', costs: /^frequency_mhz$/ },
    { path: 'sys/class/thermal', costs: '' },
  ],
  memory: [
    { path: 'proc/meminfo', costs: 'everything' },
    { path: 'proc/swaps', costs: '' },
    { path: 'proc/zoneinfo', costs: '' },
  ],
  network: [
    { path: 'proc/1/net/dev', costs: 'everything' },
    { path: 'proc/net/dev', costs: '' },
    { path: 'sys/class/net', costs: '' },
  ],
  disk: [
    { path: 'proc/diskstats', costs: /^(devices|read_|write_|reads_|writes_)/, named: 'devices' },
    { path: 'proc/1/mountinfo', costs: /^partitions/, named: 'partitions' },
    { path: 'sys/block', costs: '' },
    { path: 'proc/filesystems', costs: '' },
  ],
  memory_bandwidth: [{ path: 'proc/vmstat', costs: 'everything' }],
  pressure: [
    { path: 'proc/pressure/cpu', costs: /^cpu/, named: 'cpu' },
    { path: 'proc/pressure/memory', costs: /^memory/, named: 'memory' },
    { path: 'proc/pressure/io', costs: /^io/, named: 'io' },
  ],
  interrupts: [{ path: 'proc/stat', costs: 'everything' }],
  cgroups: [
    { path: 'proc/1/mountinfo', costs: 'everything' },
    { path: 'proc/self/mountinfo', costs: '' },
    {
      path: 'sys/fs/cgroup/cpuacct',
      costs: /^groups\.jobs\/nightly\.(cpu|user|system)_(percent|seconds)$/,
      named: 'groups.*.cpu_percent',
    },
    {
      path: 'sys/fs/cgroup/cpuacct/system.slice/nginx.service/cpuacct.usage',
      costs: /^groups\.nginx\.service\.cpu_(percent|seconds)$/,
      named: 'groups.*.cpu_percent',
    },
    {
      path: 'sys/fs/cgroup/memory/system.slice/nginx.service/memory.usage_in_bytes',
      costs: /^groups\.nginx\.service\.memory_bytes$/,
    },
    {
      path: 'sys/fs/cgroup/memory/system.slice/nginx.service/memory.stat',
      costs: /^groups\.nginx\.service\.(swap_bytes|major_faults)/,
    },
    { path: 'sys/fs/cgroup/unified', costs: /^groups\.(only-unified\.service|nginx\.service\..*_pressure)/ },
  ],
};

/** What may have happened to a source. A directory stands for what may not be read, also by root. */
const HARMS: Readonly<Record<string, (copy: MachineCopy, path: string) => void>> = {
  missing: (copy, path) => copy.remove(path),
  empty(copy, path) {
    copy.remove(path);
    copy.write(path, '');
  },
  garbled(copy, path) {
    copy.remove(path);
    copy.write(
      path,
      Array.from({ length: 3_000 }, (_, i) => String.fromCharCode((i * 7_919 + 31) % 256)).join(''),
    );
  },
  unreadable(copy, path) {
    copy.remove(path);
    mkdirSync(join(copy.rootfs, path), { recursive: true });
  },
};

const copies: MachineCopy[] = [];
afterEach(() => {
  for (const copy of copies.splice(0)) copy.dispose();
});

interface Told {
  readonly outcome: Outcome<unknown>;
  readonly sources: Sources | undefined;
  /** Paths of all fields that are there, and not null. */
  readonly fields: ReadonlySet<string>;
}

async function tell(name: keyof typeof SOURCES, harm: (copy: MachineCopy) => void = () => {}): Promise<Told> {
  const copy = new MachineCopy('small-vm');
  copies.push(copy);
  harm(copy);
  const collector = await COLLECTORS[name]({ rootfs: copy.rootfs, perfCpus: 'all' });
  let outcome: Outcome<unknown> = collector.safeCollect();
  // Rates, and what is asked of file systems, are known from a later sample on.
  for (let sample = 0; sample < 4; sample++) {
    await delay(20);
    outcome = structuredClone(collector.safeCollect());
  }
  const sources = structuredClone(collector.sources);
  collector.close();
  return { outcome, sources, fields: new Set(outcome.state === 'ok' ? fieldsIn(outcome.data) : []) };
}

function fieldsIn(value: unknown, path = ''): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    fieldsIn(inner, path === '' ? key : `${path}.${key}`),
  );
}

/** Alternatives that stand in where a file cannot be read at all, such as the network of this process for that of init. */
const STANDS_IN = new Set(['proc/1/net/dev', 'proc/1/mountinfo']);

describe.each(Object.entries(SOURCES) as [keyof typeof SOURCES, readonly Source[]][])(
  '%s',
  (name, sources) => {
    const cases = sources.flatMap((source) =>
      Object.keys(HARMS).map((harm) => [source.path, harm, source] as const),
    );

    test.each(cases)(
      'with %s %s tells all that does not depend on it',
      async (path, harm, { costs, named }) => {
        const whole = await tell(name);
        expect(whole.outcome.state).toBe('ok');
        const told = await tell(name, (copy) => HARMS[harm]!(copy, path));
        const isReplaced = STANDS_IN.has(path) && (harm === 'missing' || harm === 'unreadable');
        if (costs === 'everything' && !isReplaced) {
          expect(told.outcome).toMatchObject({ state: 'failed', message: expect.stringContaining(path) });
          return;
        }
        expect(told.outcome.state).toBe('ok');
        const lost = [...whole.fields].filter((field) => !told.fields.has(field));
        const excused = costs instanceof RegExp ? costs : /^$/;
        expect(lost.filter((field) => !excused.test(field))).toEqual([]);
        if (named !== undefined && lost.length > 0)
          expect(told.sources?.[named]?.message).toBeTypeOf('string');
      },
    );
  },
);

test('the table has every collector', () => {
  expect(Object.keys(SOURCES).sort()).toEqual(
    COLLECTOR_NAMES.filter((name) => name !== 'perf_events').sort(),
  );
});

import { readFileSync } from 'node:fs';
import { parseCpuinfoMhz } from '../../../workers/parse/cpuinfo.ts';
import { DiskStatsTable } from '../../../workers/parse/diskstats.ts';
import { KeyedNumbers } from '../../../workers/parse/keyed_numbers.ts';
import { parseLoadavg } from '../../../workers/parse/loadavg.ts';
import { parseMountInfo } from '../../../workers/parse/mountinfo.ts';
import { NetDevTable } from '../../../workers/parse/net_dev.ts';
import { FORMAT_OPTIONS, type PerfFormat, parsePerfLine } from '../../../workers/parse/perf_stat.ts';
import { parsePressure, ROWS } from '../../../workers/parse/pressure.ts';
import { CpuTimes, parseStat } from '../../../workers/parse/stat.ts';
import { parseStatActivity, StatActivity } from '../../../workers/parse/stat_activity.ts';
import { parseLowWatermarkPages } from '../../../workers/parse/zoneinfo.ts';
import { ROOT } from '../../paths.ts';
import { MACHINES, machineFile } from '../machines.ts';
import type { Row, Suite } from '../suite.ts';

/** A format of the kernel's: the file, and the parser with whatever it keeps from reading to reading. */
interface Format {
  readonly parser: string;
  readonly file: string;
  readonly parse: () => (bytes: Buffer) => unknown;
}

const MEMINFO_KEYS =
  'MemTotal MemFree MemAvailable Buffers Cached SwapTotal SwapFree Active Inactive Dirty Writeback Mapped Shmem Slab';
const VMSTAT_KEYS = 'pgpgin pgpgout pswpin pswpout pgfault pgmajfault';

const FORMATS: readonly Format[] = [
  {
    parser: 'stat',
    file: 'proc/stat',
    parse: () => {
      const times = new CpuTimes();
      return (bytes) => parseStat('/proc/stat', bytes, bytes.length, times);
    },
  },
  {
    parser: 'stat_activity',
    file: 'proc/stat',
    parse: () => {
      const activity = new StatActivity();
      return (bytes) => parseStatActivity('/proc/stat', bytes, bytes.length, activity);
    },
  },
  {
    parser: 'loadavg',
    file: 'proc/loadavg',
    parse: () => {
      const load = new Float64Array(3);
      return (bytes) => parseLoadavg('/proc/loadavg', bytes, bytes.length, load);
    },
  },
  {
    parser: 'keyed_numbers (meminfo)',
    file: 'proc/meminfo',
    parse: () => keyed(MEMINFO_KEYS, ':'),
  },
  {
    parser: 'keyed_numbers (vmstat)',
    file: 'proc/vmstat',
    parse: () => keyed(VMSTAT_KEYS, ' '),
  },
  {
    parser: 'net_dev',
    file: 'proc/net/dev',
    parse: () => {
      const table = new NetDevTable();
      return (bytes) => table.parse(bytes, bytes.length);
    },
  },
  {
    parser: 'diskstats',
    file: 'proc/diskstats',
    parse: () => {
      const table = new DiskStatsTable();
      return (bytes) => table.parse(bytes, bytes.length);
    },
  },
  {
    parser: 'pressure',
    file: 'proc/pressure/cpu',
    parse: () => {
      const totals = new Float64Array(ROWS);
      return (bytes) => parsePressure('/proc/pressure/cpu', bytes, bytes.length, totals);
    },
  },
  {
    parser: 'mountinfo',
    file: 'proc/1/mountinfo',
    parse: () => (bytes) => parseMountInfo(bytes, bytes.length),
  },
  {
    parser: 'cpuinfo',
    file: 'proc/cpuinfo',
    parse: () => (bytes) => parseCpuinfoMhz(bytes.toString('latin1')),
  },
  {
    parser: 'zoneinfo',
    file: 'proc/zoneinfo',
    parse: () => (bytes) => parseLowWatermarkPages(bytes.toString('latin1')),
  },
];

/** What perf prints for an interval of seventeen events, in each of its formats. */
const PERF_FILES: Readonly<Record<PerfFormat, string>> = {
  json: 'made-full-pmu.jsonl',
  separated: 'made-full-pmu.csv',
};

/** Each parser over the file of each fixture machine; the control looks at every byte of it. */
export function parseSuites(): Suite[] {
  const suites = FORMATS.map(({ parser, file, parse }): Suite => {
    const files = MACHINES.flatMap((machine) => {
      const bytes = machineFile(machine, file);
      return bytes === undefined ? [] : [{ machine, bytes }];
    });
    const largest = files.reduce((a, b) => (b.bytes.length > a.bytes.length ? b : a));
    const rows = files.map(({ machine, bytes }): Row => {
      const run = parse();
      return { name: `${machine}, ${bytes.length} bytes`, run: () => run(bytes) };
    });
    const control: Row = {
      name: `every byte of ${largest.machine}`,
      control: true,
      run: () => lookAt(largest.bytes),
    };
    return { source: `workers/parse/${parser}`, rows: [control, ...rows] };
  });
  return [...suites, perfSuite()];
}

function perfSuite(): Suite {
  const lines = new Map(
    Object.entries(PERF_FILES).map(([format, file]) => [
      format,
      readFileSync(`${ROOT}test/fixtures/perf/${file}`, 'utf8').split('\n').filter(Boolean),
    ]),
  );
  const formats = Object.keys(FORMAT_OPTIONS) as PerfFormat[];
  return {
    source: 'workers/parse/perf_stat',
    rows: [
      {
        name: 'every line as it is',
        control: true,
        run: () => lines.get('json')?.map((line) => line.length),
      },
      ...formats.map((format): Row => {
        const printed = lines.get(format) ?? [];
        const run = () => printed.map((line) => parsePerfLine(line, format));
        return { name: `${format}, ${printed.length} lines`, run };
      }),
    ],
  };
}

function keyed(keys: string, separator: string): (bytes: Buffer) => void {
  const numbers = new KeyedNumbers(keys.split(' '), separator);
  return (bytes) => numbers.parse(bytes, bytes.length);
}

function lookAt(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum ^= bytes[i]!;
  return sum;
}

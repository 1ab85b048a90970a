import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CpuTemperature } from '../../../workers/host/cpu_temperature.ts';

type Chip = readonly [
  name: string,
  inputs: Readonly<Record<string, readonly [label: string, millidegrees: number]>>,
];
type Zones = Readonly<Record<string, number>>;

/** The temperature of a host with these sensors, made by hand. */
function celsius(chips: readonly Chip[], zones: Zones = {}): number | null {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-thermal-'));
  onTestFinished(() => rmSync(rootfs, { recursive: true, force: true }));
  const write = (path: string, content: string | number): void => {
    const file = join(rootfs, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${content}\n`);
  };
  for (const [index, [name, inputs]] of chips.entries()) {
    write(`sys/class/hwmon/hwmon${index}/name`, name);
    for (const [input, [label, value]] of Object.entries(inputs)) {
      write(`sys/class/hwmon/hwmon${index}/${input}_input`, value);
      if (label !== '') write(`sys/class/hwmon/hwmon${index}/${input}_label`, label);
    }
  }
  for (const [index, [type, value]] of Object.entries(zones).entries()) {
    write(`sys/class/thermal/thermal_zone${index}/type`, type);
    write(`sys/class/thermal/thermal_zone${index}/temp`, value);
  }
  return new CpuTemperature(rootfs).read(0);
}

describe('a chip', () => {
  test.each<[string, readonly Chip[], number | null]>([
    [
      'coretemp with a package',
      [['coretemp', { temp1: ['Package id 0', 51_000], temp2: ['Core 0', 54_000] }]],
      51,
    ],
    [
      'coretemp of a kernel before 4.13',
      [['coretemp', { temp1: ['Physical id 0', 51_000], temp2: ['Core 0', 54_000] }]],
      51,
    ],
    [
      'two packages: the hotter',
      [
        ['coretemp', { temp1: ['Package id 0', 51_000] }],
        ['coretemp', { temp1: ['Package id 1', 61_000] }],
      ],
      61,
    ],
    [
      'coretemp without labels: its hottest',
      [['coretemp', { temp2: ['', 44_000], temp3: ['', 46_000] }]],
      46,
    ],
    [
      'k10temp: the die, not the fan control',
      [['k10temp', { temp1: ['Tctl', 70_000], temp2: ['Tdie', 60_000] }]],
      60,
    ],
    [
      'one nobody has heard of with a package',
      [['newcputemp', { temp1: ['SoC Package', 48_000], temp2: ['Board', 30_000] }]],
      48,
    ],
    ['one nobody has heard of with cpu in its name', [['foo_cpu0', { temp1: ['', 47_000] }]], 47],
    [
      'of a disk and a card',
      [
        ['nvme', { temp1: ['Composite', 40_000] }],
        ['amdgpu', { temp1: ['edge', 50_000] }],
      ],
      null,
    ],
  ])('%s', (_, chips, expected) => {
    expect(celsius(chips)).toBe(expected);
  });
});

describe('zones', () => {
  test.each<[string, Zones, number | null]>([
    [
      'rk3588: the hottest of the cores',
      {
        'soc-thermal': 55_461,
        'bigcore0-thermal': 70_000,
        'bigcore1-thermal': 72_076,
        'littlecore-thermal': 60_000,
        'gpu-thermal': 80_000,
        'npu-thermal': 81_000,
      },
      72.076,
    ],
    ['cpu before cores', { 'core-thermal': 70_000, 'cpu-thermal': 60_000 }, 60],
    ['BCPU', { BCPU: 61_000, LCPU: 62_000, GPU: 80_000 }, 62],
    ['cpu0-thermal', { 'cpu0-thermal': 50_000, 'cpu1-thermal': 52_000, 'ddr-thermal': 70_000 }, 52],
    ['cpuss of a phone', { 'cpuss-0': 45_000, 'cpuss-1': 47_000, pm8998_tz: 60_000, 'gpuss-0': 70_000 }, 47],
    ['cluster1', { cluster0: 40_000, cluster1: 41_000, battery: 60_000 }, 41],
    ['big and little cores', { 'big-core': 50_000, mcore2: 51_000 }, 51],
    ['soc_thermal', { soc_thermal: 42_000, wifi_thermal: 70_000 }, 42],
    ['x86_pkg_temp before all', { acpitz: 27_800, x86_pkg_temp: 55_000, iwlwifi_1: 60_000 }, 55],
    ['acpitz where nothing better is', { acpitz: 27_800, pch_skylake: 60_000 }, 27.8],
    ['whatever is left that is not something else', { 'brcm-thermal': 49_000, 'gpu-thermal': 60_000 }, 49],
    ['nothing but a battery and a charger', { battery: 30_000, charger: 31_000 }, null],
    ['no core of a GPU', { 'gpu-core': 80_000 }, null],
  ])('%s', (_, zones, expected) => {
    expect(celsius([], zones)).toBe(expected);
  });
});

describe('a reading that cannot be', () => {
  test.each<[string, readonly Chip[], Zones, number | null]>([
    ['degrees told for thousandths', [], { 'cpu-thermal': 65, 'soc-thermal': 44_000 }, 44],
    ['nothing else beside it', [], { 'cpu-thermal': 65 }, null],
    ['frost beside a sane one', [['cpu_thermal', { temp1: ['', -44_000] }]], { 'soc-thermal': 50_000 }, 50],
    [
      'a little frost beside a sane one',
      [['cpu_thermal', { temp1: ['', -4_000] }]],
      { 'soc-thermal': 50_000 },
      50,
    ],
    ['a winter night, and nothing else', [['cpu_thermal', { temp1: ['', -4_000] }]], {}, -4],
    [
      'a converter that is stuck',
      [['coretemp', { temp1: ['Package id 0', 255_000] }]],
      { acpitz: 45_000 },
      45,
    ],
    ['127', [['k10temp', { temp1: ['Tctl', 127_000] }]], {}, null],
    ['absolute zero', [], { 'cpu-thermal': -273_150, 'soc-thermal': 41_000 }, 41],
  ])('%s', (_, chips, zones, expected) => {
    expect(celsius(chips, zones)).toBe(expected);
  });
});

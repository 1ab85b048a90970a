import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readBlockDevices, selectDisks } from '../../../workers/host/block_topology.ts';

function rootfsWith(
  devices: Readonly<Record<string, { target?: string; slaves?: readonly string[] }>>,
): string {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-block-'));
  onTestFinished(() => rmSync(rootfs, { recursive: true, force: true }));
  const block = join(rootfs, 'sys/block');
  mkdirSync(block, { recursive: true });
  for (const [name, { target = `../devices/pci0000:00/${name}`, slaves = [] }] of Object.entries(devices)) {
    const device = join(block, target);
    for (const slave of slaves) mkdirSync(join(device, 'slaves', slave), { recursive: true });
    mkdirSync(device, { recursive: true });
    writeFileSync(join(device, 'size'), '1000\n');
    symlinkSync(target, join(block, name));
  }
  return rootfs;
}

function chosen(rootfs: string, names: readonly string[]): { whole: string[]; disks: string[] } {
  const devices = readBlockDevices(rootfs, names);
  return { whole: [...devices.keys()], disks: [...selectDisks(devices, () => true)] };
}

describe('without /sys/block, by name alone', () => {
  test.each<[string[], string[]]>([
    [
      ['sdo', 'sdo1', 'sdp', 'sdp1', 'sdp2', 'vdp', 'vdp1'],
      ['sdo', 'sdp', 'vdp'],
    ],
    [
      ['sdaa', 'sdaa1', 'sdap', 'sdap15'],
      ['sdaa', 'sdap'],
    ],
    [
      ['nvme0n1', 'nvme0n1p1', 'nvme0n1p12', 'nvme1n1'],
      ['nvme0n1', 'nvme1n1'],
    ],
    [
      ['mmcblk0', 'mmcblk0p1', 'mmcblk0boot0', 'mmcblk0boot1'],
      ['mmcblk0', 'mmcblk0boot0', 'mmcblk0boot1'],
    ],
    [['cciss/c0d0', 'cciss/c0d0p1'], ['cciss/c0d0']],
    [
      ['xvda1', 'xvda2'],
      ['xvda1', 'xvda2'],
    ],
    [['hda', 'hda1', 'loop0', 'ram0', 'fd0'], ['hda']],
  ])('of %j, %j are whole', (names, whole) => {
    const found = chosen('/nowhere', names);
    expect(found).toEqual({ whole, disks: whole });
  });
});

test("the /sys of another host does not hide this one's devices", () => {
  const rootfs = rootfsWith({ sda: {} });
  expect(chosen(rootfs, ['vda', 'vda1']).whole).toEqual(['vda']);
});

test.each<[string, Readonly<Record<string, { target?: string; slaves?: string[] }>>, string[]]>([
  [
    'a mapped device upon two paths counts by its paths',
    { sda: {}, sdb: {}, 'dm-0': { target: '../devices/virtual/block/dm-0', slaves: ['sda', 'sdb'] } },
    ['sda', 'sdb'],
  ],
  [
    'a guest that is given nothing but a mapped device has that',
    { 'dm-0': { target: '../devices/virtual/block/dm-0', slaves: ['sda'] } },
    ['dm-0'],
  ],
  [
    'of mapped devices upon each other the lowest',
    {
      'dm-0': { target: '../devices/virtual/block/dm-0' },
      'dm-1': { target: '../devices/virtual/block/dm-1', slaves: ['dm-0'] },
    },
    ['dm-0'],
  ],
  [
    'a network block device where there is nothing else',
    { nbd0: { target: '../devices/virtual/block/nbd0' } },
    ['nbd0'],
  ],
  ['compressed memory is no disk', { zram0: { target: '../devices/virtual/block/zram0' } }, []],
])('%s', (_, devices, disks) => {
  expect(chosen(rootfsWith(devices), Object.keys(devices)).disks).toEqual(disks);
});

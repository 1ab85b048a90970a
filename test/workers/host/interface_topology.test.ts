import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readInterface, readInterfaceIndex, selectWires } from '../../../workers/host/interface_topology.ts';
import { kernelText } from '../../../workers/parse/kernel_text.ts';

/** What sysfs has of an interface, made by hand: files with their content, links with their target. */
interface Entry {
  readonly type?: number;
  readonly iflink?: number;
  readonly devtype?: string;
  readonly device?: string;
  readonly master?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly directories?: readonly string[];
}

const CARD: Entry = { device: '../../../0000:00:03.0' };

function wiresOf(interfaces: Readonly<Record<string, Entry>>): string[] {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-net-'));
  onTestFinished(() => rmSync(rootfs, { recursive: true, force: true }));
  const entries: [string, Entry][] = [['lo', { type: 772 }], ...Object.entries(interfaces)];
  for (const [position, [name, entry]] of entries.entries()) {
    const path = join(rootfs, 'sys/class/net', name);
    mkdirSync(path, { recursive: true });
    const index = position + 1;
    const devtype = entry.devtype === undefined ? '' : `DEVTYPE=${entry.devtype}\n`;
    writeFileSync(join(path, 'ifindex'), `${index}\n`);
    writeFileSync(join(path, 'iflink'), `${entry.iflink ?? index}\n`);
    writeFileSync(join(path, 'type'), `${entry.type ?? 1}\n`);
    writeFileSync(join(path, 'uevent'), `${devtype}INTERFACE=${name}\n`);
    for (const [file, content] of Object.entries(entry.files ?? {})) writeFileSync(join(path, file), content);
    for (const directory of entry.directories ?? []) mkdirSync(join(path, directory));
    if (entry.device !== undefined) symlinkSync(entry.device, join(path, 'device'));
    if (entry.master !== undefined) symlinkSync(`../${entry.master}`, join(path, 'master'));
  }
  return [...selectWires(new Map(entries.map(([name]) => [name, readInterface(rootfs, name)])))];
}

const BRIDGE: Entry = { devtype: 'bridge', directories: ['bridge'] };

test.each<[string, Readonly<Record<string, Entry>>, string[]]>([
  [
    "a host of Xen guests: its card, not its ends of the guests' interfaces",
    {
      eth0: { ...CARD, master: 'xenbr0' },
      xenbr0: { ...BRIDGE, files: { lower_eth0: '' } },
      'vif3.0': { device: '../../../vif-3-0', master: 'xenbr0' },
      'vif3.0-emu': { device: '../../../vif-3-0', master: 'xenbr0' },
      guest7: { device: '/sys/devices/vif-7-1', master: 'xenbr0' },
    },
    ['eth0'],
  ],
  ['a Xen guest: its own interface', { eth0: { device: '../../../vif-0' } }, ['eth0']],
  [
    'a smart card: its ports, not the representors of what it lends',
    {
      p0: { ...CARD, files: { phys_port_name: 'p0\n' } },
      pf0hpf: { ...CARD, files: { phys_port_name: 'pf0\n' } },
      pf0vf1: { ...CARD, files: { phys_port_name: 'pf0vf1\n' } },
      en3f0pf0sf2: { ...CARD, files: { phys_port_name: 'c1pf0sf2\n' } },
    },
    ['p0'],
  ],
  [
    'a switch: the conduit, not its ports',
    { eth0: CARD, lan1: { ...CARD, devtype: 'dsa' }, lan2: { ...CARD, devtype: 'dsa' } },
    ['eth0'],
  ],
  [
    'a virtual function below a synthetic card counts once',
    { eth0: CARD, enP1s1: { ...CARD, master: 'eth0' } },
    ['eth0'],
  ],
  [
    'a bond and a vlan upon two cards',
    {
      eth0: { ...CARD, master: 'bond0' },
      eth1: { ...CARD, master: 'bond0' },
      bond0: { devtype: 'bond', directories: ['bonding'] },
      'bond0.7': { devtype: 'vlan', files: { lower_bond0: '' } },
    },
    ['eth0', 'eth1'],
  ],
  [
    'a wireless card, and what only listens',
    { wlan0: { ...CARD, devtype: 'wlan' }, mon0: { ...CARD, type: 803 } },
    ['wlan0'],
  ],
  ['a modem', { wwan0: { device: '../../../1-1:1.4', devtype: 'wwan' } }, ['wwan0']],
  ['a container: its end of a veth', { eth0: { iflink: 7 } }, ['eth0']],
  [
    'a container with a bridge of its own',
    { eth0: { iflink: 7 }, docker0: BRIDGE, veth1: { master: 'docker0' } },
    ['eth0'],
  ],
  [
    'a container with macvlan and a tunnel',
    { eth0: { devtype: 'macvlan' }, wg0: { devtype: 'wireguard' } },
    ['eth0'],
  ],
  [
    'a rootless container that has nothing but a tap',
    { tap0: { files: { tun_flags: '0x1002\n' } } },
    ['tap0'],
  ],
  [
    'a sandbox that has nothing but a tunnel',
    { tun0: { type: 65534, files: { tun_flags: '0x1001\n' } } },
    ['tun0'],
  ],
  ['a namespace that has nothing but wireguard', { wg0: { type: 65534, devtype: 'wireguard' } }, ['wg0']],
  ['a router that has nothing but a dialled line', { ppp0: { type: 512, devtype: 'ppp' } }, ['ppp0']],
  [
    'a namespace that has nothing but one end of a veth by its own name',
    { veth1a2b3c: { iflink: 9 } },
    ['veth1a2b3c'],
  ],
  [
    'what stands on something else is not what is left',
    {
      tap0: { files: { tun_flags: '0x1002\n' }, master: 'br0' },
      br0: { ...BRIDGE, files: { lower_tap0: '' } },
    },
    [],
  ],
  ['nothing but dummies', { dummy0: {}, ifb0: {} }, []],
])('%s', (_, interfaces, wires) => {
  expect(wiresOf(interfaces)).toEqual(wires);
});

test('an interface whose name is no text is found in sysfs all the same, and its master too', () => {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-net-'));
  onTestFinished(() => rmSync(rootfs, { recursive: true, force: true }));
  const name = Buffer.from('eth\xff', 'latin1');
  const folder = Buffer.concat([Buffer.from(`${rootfs}/sys/class/net/`), name]);
  const file = (entry: string): Buffer => Buffer.concat([folder, Buffer.from(`/${entry}`)]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file('ifindex'), '7\n');
  writeFileSync(file('type'), '1\n');
  writeFileSync(file('speed'), '1000\n');
  symlinkSync('../../../0000:00:03.0', file('device'));
  symlinkSync(Buffer.from('../bond\xfe', 'latin1'), file('master'));
  const shown = kernelText(name);
  expect(shown).toBe('eth\\xff');
  expect(readInterface(rootfs, shown)).toMatchObject({
    index: 7,
    hasDevice: true,
    bytesPerSecond: 125_000_000,
    master: 'bond\\xfe',
  });
  expect(readInterfaceIndex(rootfs, shown)).toBe(7);
});

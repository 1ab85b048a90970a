import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { namesIn, readInteger, readText } from '../files/slow_file.ts';
import { below, kernelText, pathIn } from '../parse/kernel_text.ts';

const ARPHRD_LOOPBACK = 772;
/** Monitoring interfaces of wireless cards see the traffic of the others once more. */
const ARPHRD_IEEE80211 = 801;
const ARPHRD_IEEE80211_RADIOTAP = 803;

/** Kinds of interface that carry what goes in and out elsewhere. A vlan or macvlan may be a container's wire. */
const STACKED_KINDS =
  /^(bridge|bond|team|vxlan|geneve|wireguard|macsec|gtp|bareudp|amt|l2tpeth|ppp|hsr|dsa)$/;
const STACKED_NAMES =
  /^(lo$|veth|docker|br-|br\d|virbr|vnet|vif\d|lxdbr|cni|cali|flannel|cilium|lxc|kube-|ovs-|dummy|ifb|tun|tap|wg|bond|team|vxlan|geneve|gre|erspan|sit|ip6tnl|ip_vti|tunl|zt|tailscale)/;

/** The name a smart card gives the port that stands for a function it lends to a guest or a container. */
const REPRESENTOR_PORT = /^(c\d+)?pf\d+/;
/** The device of Xen behind a guest's interface as its host sees it: `vif-3-0`; the guest's own is `vif-0`. */
const XEN_BACKEND_DEVICE = /^vif-\d+-\d+$/;
const XEN_BACKEND_NAME = /^vif\d+\.\d+(-emu)?$/;
/** What carries nothing of its own, or the traffic of another interface once more. */
const NEVER_WIRES = /^(dummy|ifb|nlmon|vcan)/;

/** Drivers of no hardware: the speed they tell is made up, and what they carry goes through memory. */
const MADE_UP_SPEED =
  /^(virtio_net|veth|tun|vif|xen_netfront|vmxnet3|hv_netvsc|ena|gve|netvsc|vmnet|bridge|e1000)$/;
/** Drivers of cards that hand over their statistics once a second or so. */
const SLOW_DRIVERS = /^(bnx2|bnx2x|bnxt_en|be2net|sfc|tg3|qede|nfp|enic|cxgb4|mlx4_en)$/;
const BYTES_PER_MEGABIT = 125_000;

/** What sysfs says about one network interface. */
export interface InterfaceFacts {
  /** Number of the interface, which no other one gets before the next boot; undefined where sysfs says nothing. */
  readonly index: number | undefined;
  /** Whether a device (a card, a virtio port) is behind it, by which traffic enters and leaves the host. */
  readonly hasDevice: boolean;
  /** Whether its traffic never leaves the host through it, or is counted by another interface as well. */
  readonly stacked: boolean;
  /** Whether it is loopback, an alias, or stands upon other interfaces that are there. */
  readonly repeats: boolean;
  /** What its link can carry in one direction; undefined where that is not known, or made up by the driver. */
  readonly bytesPerSecond: number | undefined;
  /** Whether its driver is known to bring its counters up to date only now and then. */
  readonly isSlowDriver: boolean;
  /** The interface it is a part of (bond, bridge), if any. */
  readonly master: string | undefined;
}

/**
 * Reads what is known about an interface from /sys/class/net/NAME: `ifindex`, `type`, `uevent` (DEVTYPE), and
 * `speed`, and which of `device`, `master`, `bridge`, `bonding`, `tun_flags` and `lower_*` there are. Without an entry there
 * (aliases of old kernels, a /sys of another namespace) only the name speaks.
 */
export function readInterface(rootfs: string, name: string): InterfaceFacts {
  const path = pathIn(`${rootfs}/sys/class/net`, name);
  const entries = namesIn(path);
  const type = readInteger(below(path, 'type'));
  const kind = /^DEVTYPE=(.*)$/m.exec(readText(below(path, 'uevent')) ?? '')?.[1] ?? '';
  const monitor = type !== undefined && type >= ARPHRD_IEEE80211 && type <= ARPHRD_IEEE80211_RADIOTAP;
  // The other end of what a guest, a container or a function of a smart card has: a device, but no wire.
  const isOtherEnd =
    XEN_BACKEND_NAME.test(name) ||
    XEN_BACKEND_DEVICE.test(linkedName(below(path, 'device')) ?? '') ||
    REPRESENTOR_PORT.test(readText(below(path, 'phys_port_name')) ?? '');
  const isLoopback = type === undefined ? name === 'lo' : type === ARPHRD_LOOPBACK;
  const hasDevice = entries.includes('device') && !isLoopback && kind !== 'dsa' && !monitor && !isOtherEnd;
  const repeats =
    isLoopback ||
    monitor ||
    name.includes(':') ||
    NEVER_WIRES.test(name) ||
    entries.some((entry) => entry.startsWith('lower_') || entry === 'bridge' || entry === 'bonding');
  const driver = linkedName(below(path, 'device/driver')) ?? '';
  const megabits = hasDevice && !MADE_UP_SPEED.test(driver) ? (readInteger(below(path, 'speed')) ?? 0) : 0;
  return {
    index: readInteger(below(path, 'ifindex')),
    hasDevice,
    bytesPerSecond: megabits > 0 ? megabits * BYTES_PER_MEGABIT : undefined,
    isSlowDriver: SLOW_DRIVERS.test(driver),
    repeats,
    stacked:
      repeats ||
      isOtherEnd ||
      STACKED_KINDS.test(kind) ||
      STACKED_NAMES.test(name) ||
      // A tunnel is tied to no link.
      readInteger(below(path, 'iflink')) === 0 ||
      entries.includes('tun_flags'),
    master: entries.includes('master') ? linkedName(below(path, 'master')) : undefined,
  };
}

/** The number of the interface that bears this name now. */
export function readInterfaceIndex(rootfs: string, name: string): number | undefined {
  return readInteger(below(pathIn(`${rootfs}/sys/class/net`, name), 'ifindex'));
}

/**
 * Which interfaces are the host's own wires: what crosses them entered or left the host, once.
 *
 * An interface with a device behind it is a wire; loopback, bridges, bonds, vlans, tunnels, veth, tap and dummy
 * interfaces have none. Not counted are the ports of a switch chip (DEVTYPE dsa: the conduit counts for them), the
 * host's end of what a guest has (Xen's vif, the representors of smart cards), and one whose master has a device of
 * its own (the virtual function below Azure's netvsc or below net_failover).
 *
 * Where no interface has a device, in a container, the wires are those that are not stacked upon another: by
 * type, DEVTYPE, `lower_*` links, membership in a bridge or bond, and naming conventions. The `iflink` of a
 * container's `eth0` is its peer's number in another namespace and says nothing. Where that leaves nothing, as in a
 * rootless container whose only interface is a tap, conventions do not count: whatever stands on no other is a wire.
 */
export function selectWires(interfaces: ReadonlyMap<string, InterfaceFacts>): Set<string> {
  const isPart = ({ master }: InterfaceFacts): boolean => master !== undefined && interfaces.has(master);
  const rules: readonly ((facts: InterfaceFacts) => boolean)[] = [
    ({ hasDevice, master }) =>
      hasDevice && !(master !== undefined && interfaces.get(master)?.hasDevice === true),
    ({ stacked, master }) => !stacked && master === undefined,
    (facts) => !facts.repeats && !isPart(facts),
  ];
  for (const isWire of rules) {
    const wires = new Set<string>();
    for (const [name, facts] of interfaces) if (isWire(facts)) wires.add(name);
    if (wires.size > 0) return wires;
  }
  return new Set();
}

function linkedName(path: string | Buffer): string | undefined {
  try {
    return basename(kernelText(readlinkSync(path, { encoding: 'buffer' })));
  } catch {
    return undefined;
  }
}

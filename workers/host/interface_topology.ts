import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { namesIn, readInteger, readText } from '../files/slow_file.ts';

const ARPHRD_LOOPBACK = 772;
/** Monitoring interfaces of wireless cards see the traffic of the others once more. */
const ARPHRD_IEEE80211 = 801;
const ARPHRD_IEEE80211_RADIOTAP = 803;

/** Kinds of interface that carry what goes in and out elsewhere. A vlan or macvlan may be a container's wire. */
const STACKED_KINDS =
  /^(bridge|bond|team|vxlan|geneve|wireguard|macsec|gtp|bareudp|amt|l2tpeth|ppp|hsr|dsa)$/;
const STACKED_NAMES =
  /^(lo$|veth|docker|br-|br\d|virbr|vnet|vif\d|lxdbr|cni|cali|flannel|cilium|lxc|kube-|ovs-|dummy|ifb|tun|tap|wg|bond|team|vxlan|geneve|gre|erspan|sit|ip6tnl|ip_vti|tunl|zt|tailscale)/;

/** What sysfs says about one network interface. */
export interface InterfaceFacts {
  /** Number of the interface, which no other one gets before the next boot; undefined where sysfs says nothing. */
  readonly index: number | undefined;
  /** Whether a device (a card, a virtio port) is behind it. */
  readonly hasDevice: boolean;
  /** Whether its traffic never leaves the host through it, or is counted by another interface as well. */
  readonly stacked: boolean;
  /** The interface it is a part of (bond, bridge), if any. */
  readonly master: string | undefined;
}

/**
 * Reads what is known about an interface from /sys/class/net/NAME: `ifindex`, `type`, `uevent` (DEVTYPE), and
 * which of `device`, `master`, `bridge`, `bonding`, `tun_flags` and `lower_*` there are. Without an entry there
 * (aliases of old kernels, a /sys of another namespace) only the name speaks.
 */
export function readInterface(rootfs: string, name: string): InterfaceFacts {
  const path = `${rootfs}/sys/class/net/${name}`;
  const entries = namesIn(path);
  const type = readInteger(`${path}/type`);
  const kind = /^DEVTYPE=(.*)$/m.exec(readText(`${path}/uevent`) ?? '')?.[1] ?? '';
  const monitor = type !== undefined && type >= ARPHRD_IEEE80211 && type <= ARPHRD_IEEE80211_RADIOTAP;
  const hasDevice = entries.includes('device') && type !== ARPHRD_LOOPBACK && kind !== 'dsa' && !monitor;
  return {
    index: readInteger(`${path}/ifindex`),
    hasDevice,
    stacked:
      type === ARPHRD_LOOPBACK ||
      STACKED_KINDS.test(kind) ||
      STACKED_NAMES.test(name) ||
      name.includes(':') ||
      // A tunnel is tied to no link.
      readInteger(`${path}/iflink`) === 0 ||
      entries.some((entry) => entry.startsWith('lower_') || isStackedEntry(entry)),
    master: entries.includes('master') ? linkedName(`${path}/master`) : undefined,
  };
}

/** The number of the interface that bears this name now. */
export function readInterfaceIndex(rootfs: string, name: string): number | undefined {
  return readInteger(`${rootfs}/sys/class/net/${name}/ifindex`);
}

/**
 * Which interfaces are the host's own wires: what crosses them entered or left the host, once.
 *
 * An interface with a device behind it is a wire; loopback, bridges, bonds, vlans, tunnels, veth, tap and dummy
 * interfaces have none. Not counted are the ports of a switch chip (DEVTYPE dsa: the conduit counts for them) and
 * one whose master has a device of its own (the virtual function below Azure's netvsc or below net_failover).
 *
 * Where no interface has a device, in a container, the wires are those that are not stacked upon another: by
 * type, DEVTYPE, `lower_*` links, membership in a bridge or bond, and naming conventions. The `iflink` of a
 * container's `eth0` is its peer's number in another namespace and says nothing.
 */
export function selectWires(interfaces: ReadonlyMap<string, InterfaceFacts>): Set<string> {
  const wires = new Set<string>();
  for (const [name, { hasDevice, master }] of interfaces) {
    if (hasDevice && !(master !== undefined && interfaces.get(master)?.hasDevice)) wires.add(name);
  }
  if (wires.size > 0) return wires;
  for (const [name, { stacked, master }] of interfaces) {
    if (!stacked && master === undefined) wires.add(name);
  }
  return wires;
}

function isStackedEntry(entry: string): boolean {
  return entry === 'bridge' || entry === 'bonding' || entry === 'tun_flags';
}

function linkedName(path: string): string | undefined {
  try {
    return basename(readlinkSync(path));
  } catch {
    return undefined;
  }
}

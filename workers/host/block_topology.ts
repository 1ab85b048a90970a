import { readlinkSync } from 'node:fs';
import { namesIn, readInteger } from '../files/slow_file.ts';

/** Devices of files, memory and floppies: nobody's disks. */
const UNLISTED = /^(loop|ram|fd)\d+$/;
/** Devices that pass their requests on to other devices, to memory or to the network. */
const STACKED = /^(zram|dm-|md|drbd|bcache|nbd|zd)\d/;
const IN_MEMORY = /^zram\d/;
const NVME_PATH = /^(nvme\d+)c\d+(n\d+)$/;

/** What sysfs says about a whole block device. */
export interface BlockDevice {
  /** Whether it is hardware, rather than stacked upon something else that is counted already. */
  readonly physical: boolean;
  /** The namespace to which this is one of several paths, hidden behind it. */
  readonly pathTo: string | undefined;
  /** The devices it is stacked upon. */
  readonly slaves: readonly string[];
}

/**
 * Which of the rows of /proc/diskstats are whole devices, and of what kind, from /sys/block/NAME ('/' in a name
 * is '!' there): the device it links to, `slaves` and `hidden`. Partitions, loops, RAM disks and floppies are left
 * out. Where /sys/block is missing or knows none of them, partitions are known by their names.
 */
export function readBlockDevices(rootfs: string, names: readonly string[]): Map<string, BlockDevice> {
  const listed = new Set(namesIn(`${rootfs}/sys/block`).map((entry) => entry.replaceAll('!', '/')));
  // The /sys of another host, or of none: it knows no device of the table.
  const whole = names.some((name) => listed.has(name)) ? listed : undefined;
  const devices = new Map<string, BlockDevice>();
  for (const name of names) {
    if (UNLISTED.test(name)) continue;
    if (whole === undefined ? isPartition(name, devices) : !whole.has(name)) continue;
    const path = `${rootfs}/sys/block/${name.replaceAll('/', '!')}`;
    const hiddenPath = readInteger(`${path}/hidden`) === 1 ? NVME_PATH.exec(name) : null;
    const slaves = slavesOf(path);
    devices.set(name, {
      physical: !STACKED.test(name) && !isVirtual(path) && slaves.length === 0,
      slaves,
      pathTo: hiddenPath === null ? undefined : `${hiddenPath[1]}${hiddenPath[2]}`,
    });
  }
  return devices;
}

/**
 * Which devices are the whole physical disks, so that every request is counted once. A namespace with several
 * paths counts for all of them, except on kernels before 6.5, which count on the paths alone: there, where it has
 * never counted anything, its paths do. Where there are no physical disks, what lies lowest counts.
 */
export function selectDisks(
  devices: ReadonlyMap<string, BlockDevice>,
  hasCounted: (name: string) => boolean,
): Set<string> {
  const disks = new Set<string>();
  const silent = new Set<string>();
  for (const [name, { physical, pathTo }] of devices) {
    if (!physical) continue;
    if (pathTo !== undefined && devices.has(pathTo)) {
      if (hasCounted(pathTo)) continue;
      silent.add(pathTo);
    }
    disks.add(name);
  }
  for (const name of silent) disks.delete(name);
  return disks.size > 0 ? disks : lowest(devices);
}

/**
 * Where nothing is physical, as in a guest or a container that is given a mapped device: those that are stacked upon
 * no other that is there. Memory is no disk whatever is left.
 */
function lowest(devices: ReadonlyMap<string, BlockDevice>): Set<string> {
  const stacked = ([name, { slaves }]: [string, BlockDevice]): boolean =>
    IN_MEMORY.test(name) || slaves.some((slave) => devices.has(slave));
  return new Set([...devices].filter((entry) => !stacked(entry)).map(([name]) => name));
}

/** Whether the entry links to a device that no hardware is behind. NVMe puts namespaces with several paths there. */
function isVirtual(path: string): boolean {
  try {
    const device = readlinkSync(path);
    return device.includes('/devices/virtual/') && !device.includes('/nvme-subsystem/');
  } catch {
    return false;
  }
}

function slavesOf(path: string): string[] {
  return namesIn(`${path}/slaves`).filter((name) => !name.startsWith('.'));
}

/**
 * By its name alone: digits behind a whole device's name, with a `p` before them where that name ends with a digit
 * itself (`sdp1` is of `sdp`, `md127p1` of `md127`).
 */
function isPartition(name: string, whole: ReadonlyMap<string, BlockDevice>): boolean {
  const parent = /^(.*\D)\d+$/.exec(name)?.[1];
  if (parent === undefined) return false;
  return whole.has(parent) || (/\dp$/.test(parent) && whole.has(parent.slice(0, -1)));
}

import { readlinkSync } from 'node:fs';
import { namesIn, readInteger } from '../files/slow_file.ts';

/** Devices of files, memory and floppies: nobody's disks. */
const UNLISTED = /^(loop|ram|fd)\d+$/;
/** Devices that pass their requests on to other devices, to memory or to the network. */
const STACKED = /^(zram|dm-|md|drbd|bcache|nbd|zd)\d/;
const NVME_PATH = /^(nvme\d+)c\d+(n\d+)$/;

/** What sysfs says about a whole block device. */
export interface BlockDevice {
  /** Whether it is hardware, rather than stacked upon something else that is counted already. */
  readonly physical: boolean;
  /** The namespace to which this is one of several paths, hidden behind it. */
  readonly pathTo: string | undefined;
}

/**
 * Which of the rows of /proc/diskstats are whole devices, and of what kind, from /sys/block/NAME ('/' in a name
 * is '!' there): the device it links to, `slaves` and `hidden`. Partitions, loops, RAM disks and floppies are left
 * out. Where there is no /sys/block, partitions are known by their names.
 */
export function readBlockDevices(rootfs: string, names: readonly string[]): Map<string, BlockDevice> {
  const whole = new Set(namesIn(`${rootfs}/sys/block`).map((entry) => entry.replaceAll('!', '/')));
  const devices = new Map<string, BlockDevice>();
  for (const name of names) {
    if (UNLISTED.test(name)) continue;
    if (whole.size > 0 ? !whole.has(name) : isPartition(name, devices)) continue;
    const path = `${rootfs}/sys/block/${name.replaceAll('/', '!')}`;
    const hiddenPath = readInteger(`${path}/hidden`) === 1 ? NVME_PATH.exec(name) : null;
    devices.set(name, {
      physical: !STACKED.test(name) && !isVirtual(path) && !hasSlaves(path),
      pathTo: hiddenPath === null ? undefined : `${hiddenPath[1]}${hiddenPath[2]}`,
    });
  }
  return devices;
}

/**
 * Which devices are the whole physical disks, so that every request is counted once. A namespace with several
 * paths counts for all of them, except on kernels before 6.5, which count on the paths alone: there, where it has
 * never counted anything, its paths do.
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
  return disks;
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

function hasSlaves(path: string): boolean {
  return namesIn(`${path}/slaves`).some((name) => !name.startsWith('.'));
}

function isPartition(name: string, whole: ReadonlyMap<string, BlockDevice>): boolean {
  const parent = /^(.*?)p?\d+$/.exec(name)?.[1];
  return parent !== undefined && (whole.has(parent) || whole.has(name.replace(/p\d+$/, '')));
}

import { FirstReadable } from '../files/first_readable.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { type Mount, parseMountInfo } from '../parse/mountinfo.ts';

/** Local file systems that span devices and therefore bear an anonymous number instead of a block device's. */
const LOCAL_WITHOUT_DEVICE = new Set(['btrfs', 'zfs', 'bcachefs', 'ubifs']);
/** Images that cannot be written to are always full and tell nothing. */
const READ_ONLY_IMAGES = new Set(['squashfs', 'erofs', 'cramfs', 'romfs', 'iso9660']);

/**
 * Which mounts are the local file systems of a host, each once: at the mount of its root if there is one, else at
 * the shortest mount point of its parts. What is on a block device counts, and what spans several of them; the root
 * of a container counts though it is an overlay. Network, FUSE, automatic and memory file systems do not, because
 * asking them can take for ever or tells nothing about a disk.
 */
export function selectLocalMounts(mounts: readonly Mount[]): Mount[] {
  const visible = new Map<string, Mount>();
  for (const mount of mounts) visible.set(mount.mountPoint, mount);
  const local = new Map<string, Mount>();
  for (const mount of visible.values()) {
    if (!isLocal(mount)) continue;
    const device = `${mount.major}:${mount.minor}`;
    const other = local.get(device);
    if (other === undefined || isBetter(mount, other)) local.set(device, mount);
  }
  return [...local.values()];
}

/** The local file systems of the host as init sees them, else as this process does. */
export class MountTable {
  mounts: readonly Mount[] = [];
  /** Whether the mounts are those of a running kernel, so that what is mounted where can be checked. */
  isKernels = false;
  readonly #source: FirstReadable;
  #latest: Buffer = Buffer.alloc(0);

  constructor(rootfs: string) {
    const paths = [`${rootfs}/proc/1/mountinfo`, `${rootfs}/proc/self/mountinfo`];
    this.#source = new FirstReadable(paths.map((path) => new KernelFile(path)));
  }

  /**
   * Looks for changes. `mounts` is another array only when there were any, and stays as it was on failure.
   *
   * @throws HzstatError SOURCE_MISSING, SOURCE_FORBIDDEN, SOURCE_UNREADABLE or SOURCE_MALFORMED
   */
  refresh(): void {
    const file = this.#source.read();
    const content = file.bytes.subarray(0, file.length);
    if (content.equals(this.#latest)) return;
    this.mounts = selectLocalMounts(parseMountInfo(file.bytes, file.length));
    this.isKernels = file.isKernels;
    this.#latest = Buffer.from(content);
  }

  close(): void {
    this.#source.close();
  }
}

function isLocal({ major, filesystem, mountPoint }: Mount): boolean {
  if (filesystem.startsWith('fuse') || READ_ONLY_IMAGES.has(filesystem)) return false;
  if (major !== 0 || LOCAL_WITHOUT_DEVICE.has(filesystem)) return true;
  return filesystem === 'overlay' && mountPoint === '/';
}

function isBetter(mount: Mount, other: Mount): boolean {
  if ((mount.root === '/') !== (other.root === '/')) return mount.root === '/';
  return mount.mountPoint.length < other.mountPoint.length;
}

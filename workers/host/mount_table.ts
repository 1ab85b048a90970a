import { statSync } from 'node:fs';
import { FirstReadable } from '../files/first_readable.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { malformed } from '../parse/malformed.ts';
import { type Mount, parseMountInfo } from '../parse/mountinfo.ts';

/** Local file systems that span devices and therefore bear an anonymous number instead of a block device's. */
const LOCAL_WITHOUT_DEVICE = new Set(['btrfs', 'zfs', 'bcachefs', 'ubifs']);
/** Images that cannot be written to are always full and tell nothing. */
const READ_ONLY_IMAGES = new Set(['squashfs', 'erofs', 'cramfs', 'romfs', 'iso9660', 'udf']);
/** What may never answer, because it asks another machine or another program. */
const REMOTE = /^(fuse|nfs|cifs|smb|ceph|afs|9p$|lustre|gpfs|glusterfs|beegfs|ocfs2|gfs2|autofs|coda|ncpfs)/;
/** What is no disk although it may be the root. */
const IN_MEMORY = /^(rootfs|ramfs|tmpfs|devtmpfs|proc|sysfs|cgroup2?)$/;

/**
 * Which mounts are the local file systems of a host, each once: at the mount of its root if there is one, else at
 * the shortest mount point of its parts that is a directory; a file that is mounted by itself stands for no disk.
 * What is on a block device counts, and what spans several of them; the root counts whatever number it bears, as
 * that of a container does, but for an overlay without an upper layer, which is an image and always full. Network,
 * FUSE, automatic and memory file systems do not, because asking them can hang or says nothing about a
 * disk.
 *
 * @param isDirectory asked of mounts of a part of a local file system only; undefined where that cannot be told
 */
export function selectLocalMounts(
  mounts: readonly Mount[],
  isDirectory: (mount: Mount) => boolean | undefined = () => undefined,
): Mount[] {
  const visible = new Map<string, Mount>();
  for (const mount of mounts) visible.set(mount.mountPoint, mount);
  const local = new Map<string, Candidate>();
  for (const mount of visible.values()) {
    if (!isLocal(mount)) continue;
    const directory = mount.root === '/' ? true : isDirectory(mount);
    if (directory === false) continue;
    const candidate = { mount, isKnownDirectory: directory === true };
    const device = `${mount.major}:${mount.minor}`;
    const other = local.get(device);
    if (other === undefined || isBetter(candidate, other)) local.set(device, candidate);
  }
  return [...local.values()].map(({ mount }) => mount);
}

/** The local file systems of the host as init sees them, else as this process does. */
export class MountTable {
  mounts: readonly Mount[] = [];
  /** Whether the mounts are those of a running kernel, so that what is mounted where can be checked. */
  isKernels = false;
  /** What of the table was not understood; undefined when all of it was. */
  trouble: string | undefined;
  readonly #rootfs: string;
  readonly #source: FirstReadable;
  #latest: Buffer = Buffer.alloc(0);

  constructor(rootfs: string) {
    this.#rootfs = rootfs;
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
    // Whoever can read it has a root.
    if (file.length === 0) throw malformed(file.path, 'is empty');
    const content = file.bytes.subarray(0, file.length);
    if (content.equals(this.#latest)) return;
    const { mounts, oddRows } = parseMountInfo(file.bytes, file.length);
    this.mounts = selectLocalMounts(mounts, (mount) => isDirectory(pathOf(this.#rootfs, mount)));
    this.trouble = oddRows.length === 0 ? undefined : troubleWith(oddRows);
    this.isKernels = file.isKernels;
    this.#latest = Buffer.from(content);
  }

  close(): void {
    this.#source.close();
  }
}

/** Where a mount is found from here: bytes where the path is no text. */
export function pathOf(rootfs: string, { mountPoint, mountPointBytes }: Mount): string | Buffer {
  if (mountPointBytes === undefined) return `${rootfs}${mountPoint}`;
  return Buffer.concat([Buffer.from(rootfs), mountPointBytes]);
}

/** Undefined for what is not there from here, or may not be looked at. */
function isDirectory(path: string | Buffer): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory();
  } catch {
    return undefined;
  }
}

function troubleWith(oddRows: readonly string[]): string {
  const rows = oddRows.length === 1 ? 'a row is' : `${oddRows.length} rows are`;
  return `${rows} not understood: ${JSON.stringify(oddRows[0])}`;
}

function isLocal(mount: Mount): boolean {
  const { major, filesystem, mountPoint } = mount;
  if (REMOTE.test(filesystem) || READ_ONLY_IMAGES.has(filesystem)) return false;
  if (major !== 0 || LOCAL_WITHOUT_DEVICE.has(filesystem)) return true;
  if (mountPoint !== '/' || IN_MEMORY.test(filesystem)) return false;
  return filesystem !== 'overlay' || /(^|,)upperdir=/.test(mount.options);
}

interface Candidate {
  readonly mount: Mount;
  readonly isKnownDirectory: boolean;
}

function isBetter(candidate: Candidate, other: Candidate): boolean {
  const isWhole = candidate.mount.root === '/';
  if (isWhole !== (other.mount.root === '/')) return isWhole;
  if (candidate.isKnownDirectory !== other.isKnownDirectory) return candidate.isKnownDirectory;
  return candidate.mount.mountPoint.length < other.mount.mountPoint.length;
}

import { kernelText } from './kernel_text.ts';
import { malformed, requireWholeLines } from './malformed.ts';

/**
 * /proc/PID/mountinfo: one row per mount in the mount namespace of that process.
 *
 *   27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
 *   36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *
 * Mount and parent id, device, what of the file system is mounted, where, options, optional fields up to a lone
 * `-`, type, source, options of the file system. Blank, tab, newline and backslash are written as octal escapes;
 * all other bytes stand as they are, whether they are UTF-8 or not.
 * https://docs.kernel.org/filesystems/proc.html, section 3.5
 */
export interface Mount {
  readonly major: number;
  readonly minor: number;
  /** The directory of the file system that is mounted: `/` unless this is a bind mount or a subvolume. */
  readonly root: string;
  readonly mountPoint: string;
  /** The mount point as the kernel knows it, for asking about it; absent where the text is the same. */
  readonly mountPointBytes?: Buffer;
  readonly filesystem: string;
  readonly source: string;
  /** Options of the file system, such as `rw,lowerdir=/l,upperdir=/u`. */
  readonly options: string;
}

/** The mounts there are, and the rows that tell of none. */
export interface MountInfo {
  /** In the order of the file: where two share a mount point, the later one hides the earlier. */
  readonly mounts: readonly Mount[];
  /** Rows that were not understood, as they stand. */
  readonly oddRows: readonly string[];
}

const ROW = /^\d+ \d+ (\d+):(\d+) ([^ ]+) ([^ ]+) [^ ]*(?: [^ ]+)*? - ([^ ]+) ([^ ]*)(?: ([^ ]*))?/;
const ESCAPE = /\\([0-7]{3})/g;

/**
 * A row that is not understood costs itself only.
 *
 * @throws HzstatError SOURCE_MALFORMED when the file is cut off, or has no row that is understood
 */
export function parseMountInfo(bytes: Uint8Array, length: number, path = 'mountinfo'): MountInfo {
  requireWholeLines(path, bytes, length);
  const mounts: Mount[] = [];
  const oddRows: string[] = [];
  // As Latin-1 each byte is one character, and no byte is lost.
  for (const line of Buffer.from(bytes.subarray(0, length)).toString('latin1').split('\n')) {
    if (line === '') continue;
    const mount = mountIn(line);
    if (mount === undefined) oddRows.push(kernelText(Buffer.from(line, 'latin1')));
    else mounts.push(mount);
  }
  if (mounts.length === 0) throw malformed(path, `has no mount in ${JSON.stringify(oddRows[0])}`);
  return { mounts, oddRows };
}

function mountIn(line: string): Mount | undefined {
  const match = ROW.exec(line);
  if (match === null) return undefined;
  const [, major = '', minor = '', root = '', point = '', filesystem = '', source = '', options = ''] = match;
  const mountPointBytes = bytesOf(point);
  const mountPoint = kernelText(mountPointBytes);
  return {
    major: Number(major),
    minor: Number(minor),
    root: kernelText(bytesOf(root)),
    mountPoint,
    ...(!mountPointBytes.equals(Buffer.from(mountPoint)) && { mountPointBytes }),
    filesystem: kernelText(bytesOf(filesystem)),
    source: kernelText(bytesOf(source)),
    options: kernelText(bytesOf(options)),
  };
}

/** The bytes of a field whose escapes are undone. */
function bytesOf(field: string): Buffer {
  const plain = field.includes('\\')
    ? field.replace(ESCAPE, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    : field;
  return Buffer.from(plain, 'latin1');
}

import { malformed, requireWholeLines } from './malformed.ts';

/**
 * /proc/PID/mountinfo: one row per mount in the mount namespace of that process.
 *
 *   27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
 *   36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *
 * Mount and parent id, device, what of the file system is mounted, where, options, optional fields up to a lone
 * `-`, type, source, options of the file system. Blank, tab, newline and backslash are written as octal escapes.
 * https://docs.kernel.org/filesystems/proc.html, section 3.5
 */
export interface Mount {
  readonly major: number;
  readonly minor: number;
  /** The directory of the file system that is mounted: `/` unless this is a bind mount or a subvolume. */
  readonly root: string;
  readonly mountPoint: string;
  readonly filesystem: string;
  readonly source: string;
}

const ROW = /^\d+ \d+ (\d+):(\d+) ([^ ]+) ([^ ]+) [^ ]*(?: [^ ]+)*? - ([^ ]+) ([^ ]*)(?: |$)/;
const ESCAPE = /\\([0-7]{3})/g;

const text = new TextDecoder();

/**
 * The mounts in the order of the file: where two share a mount point, the later one hides the earlier.
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseMountInfo(bytes: Uint8Array, length: number): Mount[] {
  requireWholeLines('mountinfo', bytes, length);
  const mounts: Mount[] = [];
  for (const line of text.decode(bytes.subarray(0, length)).split('\n')) {
    if (line === '') continue;
    const match = ROW.exec(line);
    if (match === null) throw malformed('mountinfo', `has no mount in ${JSON.stringify(line)}`);
    const [, major = '', minor = '', root = '', mountPoint = '', filesystem = '', source = ''] = match;
    mounts.push({
      major: Number(major),
      minor: Number(minor),
      root: undoEscapes(root),
      mountPoint: undoEscapes(mountPoint),
      filesystem: undoEscapes(filesystem),
      source: undoEscapes(source),
    });
  }
  return mounts;
}

function undoEscapes(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replace(ESCAPE, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

import { closeSync, constants, fstatSync, openSync, readSync, statfsSync, statSync } from 'node:fs';
import { monotonicNs } from '../../src/base/clock.ts';
import { type ErrorCode, errorMessage, HzstatError, systemErrorCode } from '../../src/base/errors.ts';
import { NS_PER_SECOND } from '../../src/base/units.ts';
import { kernelText } from '../parse/kernel_text.ts';

const PROC_SUPER_MAGIC = 0x9fa0;
const SYSFS_MAGIC = 0x62656572;
const CGROUP_SUPER_MAGIC = 0x27e0eb;
const CGROUP2_SUPER_MAGIC = 0x63677270;
/** File systems whose files the kernel makes up: nobody replaces one under its name. */
const KERNELS_OWN = new Set([PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC]);
const INITIAL_CAPACITY_BYTES = 16 * 1024;
/** The kernel prints a table into a buffer of one page; the smallest page there is. */
const SMALLEST_PAGE_BYTES = 4096;
const LARGEST_FILE_BYTES = 16 * 1024 * 1024;
/** What can be no kernel file is not looked at again before this: finding it out may take longer than all the rest. */
const REFUSED_FOR_NS = 10 * NS_PER_SECOND;
/** A pipe in the place of a file must not be waited for. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

const CODE_OF_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'SOURCE_MISSING',
  ENOTDIR: 'SOURCE_MISSING',
  ENODEV: 'SOURCE_MISSING',
  ENXIO: 'SOURCE_MISSING',
  // What a kernel answers whose feature is built in but switched off.
  ENOTSUP: 'SOURCE_MISSING',
  EACCES: 'SOURCE_FORBIDDEN',
  EPERM: 'SOURCE_FORBIDDEN',
};

/** What is found in the place of a kernel file can be none. */
class NoKernelFile extends Error {}

/** A failed access to a kernel file as an error that names the file. */
export function sourceError(path: string, cause: unknown): HzstatError {
  const code = CODE_OF_ERRNO[systemErrorCode(cause) ?? ''] ?? 'SOURCE_UNREADABLE';
  return new HzstatError(code, `cannot read ${path}: ${errorMessage(cause)}`, { cause });
}

/**
 * A file of /proc or /sys that stays open and is read again and again by position into one buffer, which grows
 * when the file outgrows it. A file that cannot be read is opened anew at the next read.
 */
export class KernelFile {
  /** Its path as text. */
  readonly path: string;
  readonly #location: string | Buffer;
  /** Holds the latest content in its first `length` bytes; replaced by a larger buffer when the file grows. */
  bytes: Buffer;
  length = 0;
  /**
   * Whether a read that does not fill the buffer has seen the end. True for files the kernel prints in one piece
   * (stat, meminfo, loadavg); tables such as net/dev come a page at a time and end with an empty read.
   */
  readonly #inOnePiece: boolean;
  /**
   * A read that returned fewer bytes than this left room in the kernel's page for one more line, so there is none
   * and the empty read at the end can be saved. 0 where nothing is known about the length of a line.
   */
  readonly #lastPageBytes: number;
  #fd = -1;
  /** Inode of a file that is not the kernel's (a fixture, a copy) and may be replaced under its name; else -1. */
  #replaceableInode = -1;
  #refusal: { readonly error: HzstatError; readonly untilNs: number } | undefined;

  /** Whether this is a file of the kernel's own, and not a copy of one. */
  get isKernels(): boolean {
    return this.#fd !== -1 && this.#replaceableInode === -1;
  }

  /** @param options `bytes` is a buffer that small files which are read one after another may share */
  constructor(
    path: string | Buffer,
    options: { inOnePiece?: boolean; longestLineBytes?: number; capacityBytes?: number; bytes?: Buffer } = {},
  ) {
    this.path = typeof path === 'string' ? path : kernelText(path);
    this.#location = path;
    this.#inOnePiece = options.inOnePiece ?? false;
    this.#lastPageBytes =
      options.longestLineBytes === undefined ? 0 : SMALLEST_PAGE_BYTES - options.longestLineBytes;
    this.bytes = options.bytes ?? Buffer.allocUnsafeSlow(options.capacityBytes ?? INITIAL_CAPACITY_BYTES);
  }

  /**
   * Reads the whole file into `bytes` and returns its length.
   *
   * @throws HzstatError SOURCE_MISSING, SOURCE_FORBIDDEN or SOURCE_UNREADABLE
   */
  read(): number {
    if (this.#refusal !== undefined) {
      if (monotonicNs() < this.#refusal.untilNs) throw this.#refusal.error;
      this.#refusal = undefined;
    }
    try {
      if (this.#replaceableInode !== -1 && statSync(this.#location).ino !== this.#replaceableInode)
        this.close();
      if (this.#fd === -1) this.#open();
      this.length = this.#readToEnd();
      return this.length;
    } catch (error) {
      this.close();
      const explained = sourceError(this.path, error);
      if (error instanceof NoKernelFile) {
        this.#refusal = { error: explained, untilNs: monotonicNs() + REFUSED_FOR_NS };
        this.bytes = Buffer.allocUnsafeSlow(INITIAL_CAPACITY_BYTES);
      }
      throw explained;
    }
  }

  /** Releases the descriptor; the next read opens the file again. */
  close(): void {
    this.length = 0;
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    this.#replaceableInode = -1;
    closeSync(fd);
  }

  #open(): void {
    this.#fd = openSync(this.#location, OPEN_FLAGS);
    if (KERNELS_OWN.has(statfsSync(this.#location).type)) return;
    const found = fstatSync(this.#fd);
    // A device such as /dev/urandom has no end.
    if (!found.isFile()) throw new NoKernelFile('it is no file');
    if (found.size > LARGEST_FILE_BYTES)
      throw new NoKernelFile('it is larger than any kernel file should be');
    this.#replaceableInode = found.ino;
  }

  #readToEnd(): number {
    let length = 0;
    for (;;) {
      const room = this.bytes.length - length;
      const count = readSync(this.#fd, this.bytes, length, room, length);
      if (count === 0) return length;
      length += count;
      if (count < room) {
        if (this.#inOnePiece || count < this.#lastPageBytes) return length;
        continue;
      }
      // Full: start over with a larger buffer, because only a reading in one go is consistent in itself.
      if (this.bytes.length >= LARGEST_FILE_BYTES)
        throw new NoKernelFile('it is larger than any kernel file should be');
      this.bytes = Buffer.allocUnsafeSlow(this.bytes.length * 2);
      length = 0;
    }
  }
}

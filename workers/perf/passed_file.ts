import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
/** What was read is thrown away once there is this much of it. */
const LARGEST_BYTES = 256 * 1024;
/** In memory where there is such a place: what is written here is read within a tick. */
const DIRECTORIES = ['/dev/shm', tmpdir()];

let opened = 0;

/**
 * A nameless file a child process appends to and we read by position whenever we like. Unlike a pipe it wakes
 * nobody: the child's output is taken along at the next tick.
 */
export class PassedFile {
  readonly fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(16 * 1024);
  #position = 0;
  #closed = false;

  constructor() {
    this.fd = openNameless();
  }

  /** What has been appended since the last call. */
  read(): string {
    if (this.#closed) return '';
    let text = '';
    for (;;) {
      const count = readSync(this.fd, this.#buffer, 0, this.#buffer.length, this.#position);
      if (count > 0) text += this.#buffer.toString('latin1', 0, count);
      this.#position += count;
      if (count < this.#buffer.length) break;
    }
    if (this.#position > LARGEST_BYTES && fstatSync(this.fd).size === this.#position) {
      // The child appends, so it goes on at the new end.
      ftruncateSync(this.fd, 0);
      this.#position = 0;
    }
    return text;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.fd);
  }
}

function openNameless(): number {
  const name = `hzstat-${process.pid}-${threadId}-${opened++}`;
  for (const [index, directory] of DIRECTORIES.entries()) {
    const path = join(directory, name);
    try {
      const fd = openSync(path, FLAGS, 0o600);
      unlinkSync(path);
      return fd;
    } catch (error) {
      if (index === DIRECTORIES.length - 1) throw error;
    }
  }
  throw new Error('no directory for temporary files');
}

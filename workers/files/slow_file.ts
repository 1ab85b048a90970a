import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs';

/** More than any file of the kernel's that is read once in a while has; a device in its place may have no end. */
const MOST_BYTES = 4 * 1024 * 1024;
const chunk = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * The trimmed content of a small file that is read once in a while, or undefined when it cannot be read. For
 * sensors that is normal: drivers answer EAGAIN, EIO or ENODATA, and devices go away.
 */
export function readText(path: string | Buffer): string | undefined {
  try {
    return readBounded(path)?.trim();
  } catch {
    return undefined;
  }
}

/** Undefined for what does not end where it should. */
function readBounded(path: string | Buffer): string | undefined {
  // A pipe in the place of a file must not be waited for.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    let text = '';
    while (text.length < MOST_BYTES) {
      const count = readSync(fd, chunk, 0, chunk.length, null);
      if (count === 0) return text;
      text += chunk.toString('latin1', 0, count);
    }
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** The integer in a small file, or undefined when there is none to be had. */
export function readInteger(path: string | Buffer): number | undefined {
  const text = readText(path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** The names in a directory, in any order; none when it cannot be read. */
export function namesIn(path: string | Buffer): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The names in a directory, in natural order; none when it cannot be read. */
export function listNames(path: string): string[] {
  return namesIn(path).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

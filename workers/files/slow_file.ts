import { readdirSync, readFileSync } from 'node:fs';

/**
 * The trimmed content of a small file that is read once in a while, or undefined when it cannot be read. For
 * sensors that is normal: drivers answer EAGAIN, EIO or ENODATA, and devices go away.
 */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return undefined;
  }
}

/** The integer in a small file, or undefined when there is none to be had. */
export function readInteger(path: string): number | undefined {
  const text = readText(path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** The names in a directory, in any order; none when it cannot be read. */
export function namesIn(path: string): string[] {
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

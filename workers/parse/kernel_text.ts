const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BACKSLASH = 0x5c;
const LONGEST_SEQUENCE = 4;
/** Names that are no text are rare; of more than this the files in /sys are not looked at. */
const MOST_ODD_NAMES = 1_000;
const oddNames = new Map<string, Buffer>();

/**
 * Kernel bytes as text. To the kernel a name is bytes: what of it is no UTF-8 is shown as `\xNN`, and its
 * backslashes doubled, so that different names stay different.
 */
export function kernelText(bytes: Uint8Array): string {
  const text = decoded(bytes);
  if (text !== undefined) return text;
  const shown = escaped(bytes);
  if (oddNames.size < MOST_ODD_NAMES && !oddNames.has(shown)) oddNames.set(shown, Buffer.from(bytes));
  return shown;
}

/** The path of what bears a name in a directory: in bytes where the name is no text. */
export function pathIn(directory: string, name: string): string | Buffer {
  const bytes = oddNames.get(name);
  return bytes === undefined ? `${directory}/${name}` : Buffer.concat([Buffer.from(`${directory}/`), bytes]);
}

/** A path below another. */
export function below(path: string | Buffer, rest: string): string | Buffer {
  return typeof path === 'string' ? `${path}/${rest}` : Buffer.concat([path, Buffer.from(`/${rest}`)]);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

function escaped(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    if (length === 0) text += `\\x${bytes[at]!.toString(16).padStart(2, '0')}`;
    else if (bytes[at] === BACKSLASH) text += '\\\\';
    else text += strict.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** How many bytes the character takes that begins there; 0 when none does. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= LONGEST_SEQUENCE && at + length <= bytes.length; length++) {
    if (decoded(bytes.subarray(at, at + length)) !== undefined) return length;
  }
  return 0;
}

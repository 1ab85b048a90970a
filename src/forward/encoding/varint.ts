const BITS = 7;
const LOW_BITS = 0x7f;
const MORE = 0x80;

/** Bytes the number takes, which is whole and not below zero. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > LOW_BITS; rest = Math.floor(rest / (LOW_BITS + 1))) length++;
  return length;
}

/** Writes a whole number that is not below zero, seven bits a byte; returns the place behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  let rest = value;
  // Beyond 32 bits, shifting would cut it.
  for (; rest > 0x7fff_ffff; rest = Math.floor(rest / (LOW_BITS + 1)))
    bytes[next++] = (rest % (LOW_BITS + 1)) | MORE;
  for (; rest > LOW_BITS; rest >>>= BITS) bytes[next++] = (rest & LOW_BITS) | MORE;
  bytes[next++] = rest;
  return next;
}

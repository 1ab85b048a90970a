import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

const AT_PAGESZ = 6;
const USUAL_PAGE_SIZE = 4_096;
const THIRTY_TWO_BIT = new Set(['arm', 'ia32', 'mips', 'mipsel', 'ppc', 's390']);

/**
 * Bytes in a page of memory, as the kernel told this process at its start (getauxval AT_PAGESZ): 4 KiB on x86,
 * 4, 16 or 64 KiB on arm64 and PowerPC.
 */
export function pageSizeBytes(auxvPath = '/proc/self/auxv'): number {
  let auxv: Buffer;
  try {
    auxv = readFileSync(auxvPath);
  } catch {
    return USUAL_PAGE_SIZE;
  }
  const word = THIRTY_TWO_BIT.has(process.arch) ? 4 : 8;
  const read = (at: number): number => {
    if (word === 4) return endianness() === 'LE' ? auxv.readUInt32LE(at) : auxv.readUInt32BE(at);
    return Number(endianness() === 'LE' ? auxv.readBigUInt64LE(at) : auxv.readBigUInt64BE(at));
  };
  for (let at = 0; at + 2 * word <= auxv.length; at += 2 * word) {
    if (read(at) === AT_PAGESZ) return read(at + word);
  }
  return USUAL_PAGE_SIZE;
}

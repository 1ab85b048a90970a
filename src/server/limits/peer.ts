/** Whoever shares this stands for one peer; undefined for this machine itself. */
export type Peer = string | undefined;

const DOTTED = /(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const LOOPBACK = [0, 0, 0, 0, 0, 0, 0, 1];
const IPV4_MAPPED = [0, 0, 0, 0, 0, 0xff_ff];

/**
 * The peer behind an address: an IPv4 address, or the /64 of an IPv6 one, which is what one customer is given.
 * Programs on this machine, and clients behind a proxy on it, all have its own address, or that of a Unix
 * socket, which is none; they are not told apart.
 */
export function peerOf(address: string): Peer {
  if (address === '') return undefined;
  const groups = addressGroups(address);
  if (groups === undefined) return address;
  if (startsWith(groups, LOOPBACK)) return undefined;
  if (!startsWith(groups, IPV4_MAPPED)) return hex(groups.slice(0, 4));
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
  return bytes[0] === 127 ? undefined : bytes.join('.');
}

function startsWith(groups: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((group, index) => groups[index] === group);
}

function hex(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

/** The eight groups of an IPv6 address, however it is written, or of an IPv4 one mapped; undefined for neither. */
export function addressGroups(address: string): number[] | undefined {
  const plain = (address.includes(':') ? address : `::ffff:${address}`)
    .replace(/%.*$/, '')
    .replace(DOTTED, (_, a, b, c, d) => hex([Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)]));
  const [before = [], after, ...rest] = plain.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const missing = 8 - before.length - (after?.length ?? 0);
  if (rest.length > 0 || missing < 0 || (after === undefined && missing > 0)) return undefined;
  const texts = [...before, ...Array<string>(missing).fill('0'), ...(after ?? [])];
  if (!texts.every((text) => /^[0-9a-f]{1,4}$/i.test(text))) return undefined;
  return texts.map((text) => Number.parseInt(text, 16));
}

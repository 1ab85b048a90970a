/** Whoever shares this stands for one peer; undefined for this machine itself. */
export type Peer = string | undefined;

const IPV4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i;

/**
 * The peer behind an address: an IPv4 address, or the /64 of an IPv6 one, which is what one customer is given.
 * Programs on this machine, and whoever comes through a proxy on it, all have its own address and are not told
 * apart.
 */
export function peerOf(address: string): Peer {
  const ipv4 = IPV4.exec(address)?.[1] ?? mappedIpv4(address);
  if (ipv4 !== undefined) return ipv4.startsWith('127.') ? undefined : ipv4;
  const groups = groupsOf(address);
  if (groups === undefined || groups.every((group, index) => group === (index === 7 ? 1 : 0)))
    return undefined;
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}

/** IPv4 written as the last two groups of an IPv6 address, as the web server does. */
function mappedIpv4(address: string): string | undefined {
  const groups = groupsOf(address);
  if (groups === undefined || groups[5] !== 0xff_ff || groups.slice(0, 5).some((group) => group !== 0))
    return undefined;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

/** The eight groups of an IPv6 address, or undefined when it is none. */
function groupsOf(address: string): number[] | undefined {
  const [head = '', tail, ...rest] = address.replace(/%.*$/, '').split('::');
  if (!address.includes(':') || rest.length > 0) return undefined;
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after].map((group) =>
    /^[0-9a-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN,
  );
  return groups.some(Number.isNaN) ? undefined : groups;
}

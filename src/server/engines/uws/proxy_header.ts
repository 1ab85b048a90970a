import type { Socket } from 'node:net';
import { addressGroups } from '../../limits/peer.ts';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Version 2, "this connection was made on behalf of somebody". */
const VERSION_AND_COMMAND = 0x21;
const TCP_OVER_IPV6 = 0x21;
/** Two addresses and two ports. */
const ADDRESSES_BYTES = 36;

/**
 * Who a connection comes from, in the PROXY protocol, version 2: what a server behind a front reads first. IPv4
 * addresses go as IPv6 ones that are mapped.
 */
export function proxyHeader({ remoteAddress = '', remotePort = 0, localPort = 0 }: Socket): Buffer {
  const header = Buffer.alloc(SIGNATURE.length + 4 + ADDRESSES_BYTES);
  SIGNATURE.copy(header);
  header[12] = VERSION_AND_COMMAND;
  header[13] = TCP_OVER_IPV6;
  header.writeUInt16BE(ADDRESSES_BYTES, 14);
  (addressGroups(remoteAddress) ?? []).forEach((group, index) => {
    header.writeUInt16BE(group, 16 + 2 * index);
  });
  header.writeUInt16BE(remotePort, 48);
  header.writeUInt16BE(localPort, 50);
  return header;
}

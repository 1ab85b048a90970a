import fc from 'fast-check';
import { expect, test } from 'vitest';
import { peerOf } from '../../../../src/server/limits/peer.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['0000:0000:0000:0000:0000:ffff:c000:0207', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::ffff:7f00:1:1', '0:0:0:0'],
  ['not an address', 'not an address'],
])('%s stands for %s', (address, peer) => {
  expect(peerOf(address)).toBe(peer);
});

test.each([
  '127.0.0.1',
  '127.1.2.3',
  '::1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '::ffff:127.0.0.1',
  '0000:0000:0000:0000:0000:ffff:7f00:0001',
  '',
])('"%s" is this machine', (address) => {
  expect(peerOf(address)).toBeUndefined();
});

test('any address of a /64 is one peer, written long or short', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const long = new URL(`http://[${address}]`).hostname.slice(1, -1);
      expect(peerOf(address)).toBe(peerOf(long));
    }),
  );
});

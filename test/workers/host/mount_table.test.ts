import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MountTable } from '../../../workers/host/mount_table.ts';

/** The mounts chosen of a table made by hand, where these directories and files are. */
function chosen(
  rows: readonly string[],
  { directories = [], files = [] }: { directories?: readonly string[]; files?: readonly string[] } = {},
): string[] {
  const rootfs = mkdtempSync(join(tmpdir(), 'hzstat-table-'));
  onTestFinished(() => rmSync(rootfs, { recursive: true, force: true }));
  mkdirSync(join(rootfs, 'proc/self'), { recursive: true });
  for (const directory of directories) mkdirSync(join(rootfs, directory), { recursive: true });
  for (const file of files) {
    mkdirSync(dirname(join(rootfs, file)), { recursive: true });
    writeFileSync(join(rootfs, file), '');
  }
  const numbered = rows.map((row, index) => `${index + 20} 1 ${row}\n`);
  writeFileSync(join(rootfs, 'proc/self/mountinfo'), numbered.join(''));
  const table = new MountTable(rootfs);
  onTestFinished(() => table.close());
  table.refresh();
  return table.mounts.map(({ mountPoint }) => mountPoint);
}

const CONTAINER_FILES = ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'].map(
  (path) => `8:1 /var/lib/docker/containers/abc${path} ${path} rw - ext4 /dev/sda1 rw`,
);
const ROOT_OF_CONTAINER = '0:88 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w';

test('a disk whose parts a container has stands at a directory, never at a file', () => {
  const volume = '8:1 /srv/data /var/lib/postgresql/data rw - ext4 /dev/sda1 rw';
  const files = ['etc/resolv.conf', 'etc/hostname', 'etc/hosts'];
  const directories = ['var/lib/postgresql/data'];
  expect(chosen([ROOT_OF_CONTAINER, ...CONTAINER_FILES, volume], { files, directories })).toEqual([
    '/',
    '/var/lib/postgresql/data',
  ]);
  expect(chosen([ROOT_OF_CONTAINER, ...CONTAINER_FILES], { files })).toEqual(['/']);
});

test('where it cannot be told what is a directory, what is known to be one comes first', () => {
  const volume = '8:1 /srv/data /a/longer/path rw - ext4 /dev/sda1 rw';
  expect(chosen([...CONTAINER_FILES, volume], { directories: ['a/longer/path'] })).toEqual([
    '/a/longer/path',
  ]);
  expect(chosen(['0:40 /@home /home rw - btrfs /dev/sda2 rw'])).toEqual(['/home']);
});

test.each<[string, string, string[]]>([
  ['an overlay with an upper layer is the root of a container', ROOT_OF_CONTAINER, ['/']],
  ['an overlay without one is an image', '0:33 / / ro - overlay composefs ro,lowerdir+=/l,datadir+=/d', []],
  ['a root on btrfs', '0:28 /@ / rw - btrfs /dev/sda2 rw,subvol=/@', ['/']],
  ['a root on zfs', '0:24 / / rw - zfs rpool/ROOT rw', ['/']],
  ['a root on bcachefs', '0:24 / / rw - bcachefs /dev/sda2:/dev/sdb2 rw', ['/']],
  ['a root on a file system of the hypervisor', '0:20 / / rw - virtiofs myfs rw', ['/']],
  ['a root in a file system nobody has heard of', '0:21 / / rw - newfs /dev/whatever rw', ['/']],
  ['a root over the network is not asked', '0:22 / / rw - nfs4 server:/root rw,vers=4.2', []],
  ['a root in memory is no disk', '0:2 / / rw - rootfs rootfs rw', []],
  ['an image of a snap', '7:0 / /snap/core/1 ro - squashfs /dev/loop0 ro', []],
  ['a read-only image of a system', '254:1 / / ro - erofs /dev/vda1 ro', []],
  ['FUSE', '0:50 / /mnt rw - fuse.sshfs host: rw', []],
  ['FUSE on a block device', '8:5 / /mnt rw - fuseblk /dev/sda5 rw', []],
])('%s', (_, row, mounts) => {
  expect(chosen([row])).toEqual(mounts);
});

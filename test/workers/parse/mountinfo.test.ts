import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/base/errors.ts';
import { type Mount, type MountInfo, parseMountInfo } from '../../../workers/parse/mountinfo.ts';
import { MACHINES, readFixture } from '../../support/machine.ts';

function parseInfo(content: string | Uint8Array): MountInfo {
  const bytes = Buffer.from(content);
  // What lies behind the end is left over from a longer reading.
  return parseMountInfo(
    Buffer.concat([bytes, Buffer.from('99 1 9:9 / /old rw - ext4 x rw\n')]),
    bytes.length,
  );
}

function parse(content: string | Uint8Array): readonly Mount[] {
  return parseInfo(content).mounts;
}

/** The mounts, or undefined when they are malformed. */
function parseOrRefuse(content: string | Uint8Array): readonly Mount[] | undefined {
  try {
    return parse(content);
  } catch (error) {
    if (error instanceof HzstatError && error.code === 'SOURCE_MALFORMED') return undefined;
    throw error;
  }
}

describe('mountinfo', () => {
  test.each([
    ['no optional field', '36 35 98:0 /mnt1 /mnt2 rw,noatime - ext3 /dev/root rw,errors=continue'],
    ['one optional field', '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue'],
    ['three of them', '36 35 98:0 /mnt1 /mnt2 rw shared:3 master:2 propagate_from:1 - ext3 /dev/root rw'],
    ['one without a value', '36 35 98:0 /mnt1 /mnt2 rw unbindable - ext3 /dev/root rw'],
  ])('a row with %s', (_, line) => {
    const mount = { major: 98, minor: 0, root: '/mnt1', mountPoint: '/mnt2', filesystem: 'ext3' };
    expect(parse(`${line}\n`)).toMatchObject([{ ...mount, source: '/dev/root' }]);
  });

  test.each([
    ['/with\\040space', '/with space'],
    ['/tab\\011here', '/tab\there'],
    ['/new\\012line', '/new\nline'],
    ['/back\\134slash', '/back\\slash'],
    ['/trick\\134040end', '/trick\\040end'],
    ['/hash\\043tag', '/hash#tag'],
    ['/no\u00a0break\u3000space', '/no\u00a0break\u3000space'],
    ['/données\\040-\\040数据', '/données - 数据'],
  ])('%s is the mount point %j', (written, mountPoint) => {
    expect(parse(`36 35 98:0 / ${written} rw - ext3 /dev/root rw\n`)[0]?.mountPoint).toBe(mountPoint);
  });

  test('a source may be empty, and a root need not be a path', () => {
    const [mount] = parse('60 59 0:4 net:[4026532301] /run/netns/blue rw shared:60 - nsfs  rw\n');
    expect(mount).toMatchObject({ root: 'net:[4026532301]', source: '' });
  });

  test.each([
    ['nothing', ''],
    ['no separator', '36 35 98:0 / /mnt rw ext3 /dev/root rw\n'],
    ['no device number', '36 35 98 / /mnt rw - ext3 /dev/root rw\n'],
    ['no newline at the end', '36 35 98:0 / /mnt rw - ext3 /dev/root rw'],
  ])('is malformed with %s', (_, content) => {
    expect(parseOrRefuse(content)).toBeUndefined();
  });

  test.each([
    ['a blank too many', '1 1 0:5 /  /root rw,nosuid shared:8 - rootfs rootfs rw'],
    ['no separator', '36 35 98:0 / /mnt rw ext3 /dev/root rw'],
    ['no device number', '36 35 98 / /mnt rw - ext3 /dev/root rw'],
    ['half of it missing', '36 35'],
    ['bytes that are no text', '\xff\xfe \x00'],
  ])('a row with %s costs itself, and is told', (_, row) => {
    const good = '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw';
    for (const rows of [
      [row, good],
      [good, row],
    ]) {
      const { mounts, oddRows } = parseInfo(Buffer.from(`${rows.join('\n')}\n`, 'latin1'));
      expect(mounts).toMatchObject([{ mountPoint: '/' }]);
      expect(oddRows).toHaveLength(1);
    }
  });

  test('a mount point that is no UTF-8 is shown escaped, and kept as it is', () => {
    const row = (path: string): string => `22 21 8:2 / ${path} rw - ext4 /dev/sdb1 rw`;
    const paths = ['/media/caf\xe9', '/media/caf\xe8', '/back\\134\xff', '/ok'];
    const content = Buffer.from(`${paths.map(row).join('\n')}\n`, 'latin1');
    expect(parse(content).map(({ mountPoint }) => mountPoint)).toEqual([
      '/media/caf\\xe9',
      '/media/caf\\xe8',
      '/back\\\\\\xff',
      '/ok',
    ]);
    const bytes = parse(content).map(({ mountPointBytes }) => mountPointBytes?.toString('latin1'));
    expect(bytes).toEqual(['/media/caf\xe9', '/media/caf\xe8', '/back\\\xff', undefined]);
  });

  test('the options of a file system are told', () => {
    const [mount] = parse('1 0 0:88 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w\n');
    expect(mount?.options).toBe('rw,lowerdir=/l,upperdir=/u,workdir=/w');
  });

  test('every mount point comes back as it was before the kernel escaped it', () => {
    const escaped = (path: string) =>
      path.replace(/[ \t\n\\]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
    const path = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => `/${text.replaceAll('\0', '')}`);
    fc.assert(
      fc.property(path, path, (mountPoint, root) => {
        const line = `36 35 98:0 ${escaped(root)} ${escaped(mountPoint)} rw shared:1 - ext4 /dev/sda1 rw\n`;
        expect(parse(line)).toMatchObject([{ mountPoint, root }]);
      }),
    );
  });

  test('any bytes are either mounts or malformed', () => {
    const likely = fc.string({ unit: fc.constantFrom(...'0123:/a-\\ \n'), maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), likely), (content) => {
        for (const { major, minor } of parseOrRefuse(content) ?? []) {
          expect(Number.isFinite(major) && Number.isFinite(minor)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each(MACHINES)('cut off anywhere on %s, it is malformed or whole rows', (machine) => {
    const content = readFixture(machine, 'proc/1/mountinfo');
    const whole = parse(content);
    for (let length = 0; length < content.length; length++) {
      const mounts = parseOrRefuse(content.subarray(0, length));
      if (content[length - 1] === 10) expect(mounts).toEqual(whole.slice(0, mounts?.length ?? 0));
      else expect(mounts).toBeUndefined();
    }
  });
});

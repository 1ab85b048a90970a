import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HzstatError } from '../../../src/shared/errors.ts';
import { type Mount, parseMountInfo } from '../../../workers/parse/mountinfo.ts';
import { MACHINES, readFixture } from '../../support/machine.ts';

function parse(content: string | Uint8Array): Mount[] {
  const bytes = Buffer.from(content);
  // What lies behind the end is left over from a longer reading.
  return parseMountInfo(
    Buffer.concat([bytes, Buffer.from('99 1 9:9 / /old rw - ext4 x rw\n')]),
    bytes.length,
  );
}

/** The mounts, or undefined when they are malformed. */
function parseOrRefuse(content: string | Uint8Array): Mount[] | undefined {
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
    expect(parse(`${line}\n`)).toEqual([
      { major: 98, minor: 0, root: '/mnt1', mountPoint: '/mnt2', filesystem: 'ext3', source: '/dev/root' },
    ]);
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

import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { JournalWriter, readJournal } from '../../../../src/history/journal/journal.ts';
import { journalled, temporaryDataDir } from '../../../support/history.ts';

const removals: (() => void)[] = [];
afterEach(() => {
  for (const remove of removals.splice(0)) remove();
});

function journalOf(...frames: string[]): string {
  const { dataDir, remove } = temporaryDataDir();
  removals.push(remove);
  const path = join(dataDir, 'a.hzj');
  const writer = new JournalWriter(path);
  for (const frame of frames) writer.append(journalled([Buffer.from(frame)]));
  writer.close();
  return path;
}

function read(path: string): { frames: string[]; damagedBytes: number } {
  const { frames, damagedBytes } = readJournal(path);
  return { frames: [...frames].map((frame) => Buffer.from(frame).toString()), damagedBytes };
}

describe('a journal', () => {
  test('gives back what was appended', () => {
    expect(read(journalOf('one', 'two', 'three'))).toEqual({
      frames: ['one', 'two', 'three'],
      damagedBytes: 0,
    });
  });

  test('keeps what is whole when its tail is torn, wherever', () => {
    const path = journalOf('one', 'two', 'three');
    const whole = readFileSync(path);
    for (let length = whole.length - 1; length > 0; length--) {
      truncateSync(path, length);
      const { frames } = read(path);
      expect(['one', 'two', 'three'].slice(0, frames.length)).toEqual(frames);
    }
  });

  test('ends before a tail of zeros', () => {
    const path = journalOf('one', 'two');
    appendFileSync(path, Buffer.alloc(4_096));
    expect(read(path)).toEqual({ frames: ['one', 'two'], damagedBytes: 4_096 });
  });

  test('goes on behind a flipped byte', () => {
    const path = journalOf('one', 'two', 'three');
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('two')]! ^= 1;
    writeFileSync(path, bytes);
    const { frames, damagedBytes } = read(path);
    expect(frames).toEqual(['one', 'three']);
    expect(damagedBytes).toBe(8 + 3);
  });

  test('may be empty', () => {
    const path = journalOf();
    writeFileSync(path, '');
    expect(read(path)).toEqual({ frames: [], damagedBytes: 0 });
  });

  test('never gives what was not appended, whatever bytes it is', () => {
    const path = journalOf();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        writeFileSync(path, bytes);
        expect(read(path).frames).toEqual([]);
      }),
    );
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { Backlog } from '../../../../src/history/journal/backlog.ts';
import { JournalWriter, readJournal } from '../../../../src/history/journal/journal.ts';
import { journalled } from '../../../support/history.ts';

const folder = mkdtempSync(join(tmpdir(), 'hzstat-backlog-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MIB = 1024 * 1024;
let files = 0;

/** A journal on a disk that refuses now and then. */
class FullDisk extends JournalWriter {
  refuses = false;

  override append(records: Uint8Array): void {
    if (this.refuses) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    super.append(records);
  }
}

test('whenever the disk refuses, what is added is written once and in order', () => {
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ refuses: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const disk = new FullDisk(join(folder, `${files++}.hzj`));
      const backlog = new Backlog();
      const added: number[] = [];
      const write = (): void => {
        try {
          backlog.writeTo(disk);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOSPC' });
        }
      };
      for (const { add = 0, refuses = disk.refuses } of steps as { add?: number; refuses?: boolean }[]) {
        disk.refuses = refuses;
        const numbers = Array.from({ length: add }, (_, index) => added.length + index);
        if (add > 0) backlog.add(journalled(numbers.map((number) => Uint8Array.of(number))), add);
        added.push(...numbers);
        write();
      }
      disk.refuses = false;
      write();
      expect(backlog.isEmpty).toBe(true);
      expect(backlog.lost).toBe(0);
      disk.close();
      expect(Array.from(readJournal(disk.path).frames, ([number]) => number)).toEqual(added);
    }),
    { numRuns: 40 },
  );
});

test('beyond its bounds the oldest are given up, and counted', () => {
  const backlog = new Backlog();
  for (let i = 0; i < 40; i++) backlog.add(new Uint8Array(MIB), 10);
  expect(backlog.lost).toBe(80);
  const disk = new FullDisk(join(folder, `${files++}.hzj`));
  backlog.writeTo(disk);
  expect(disk.bytes).toBeGreaterThan(32 * MIB);
  expect(disk.bytes).toBeLessThan(33 * MIB);
  disk.close();
});

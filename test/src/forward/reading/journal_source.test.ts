import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JournalSource } from '../../../../src/forward/reading/journal_source.ts';
import { byAge, Journals } from '../../../../src/forward/reading/journals.ts';
import { framesOf, journalled, packedAt, START_MS, temporaryDataDir } from '../../../support/history.ts';

const RUN = '1767607200000.abc123';
const LATER_RUN = '1767607300000.def456';
const MANY_BYTES = 1e9;
const header = Buffer.concat([Buffer.from('HZSTATJ'), Buffer.from([2])]);

let dataDir: string;
let remove: () => void;
const said: string[] = [];
beforeEach(() => {
  ({ dataDir, remove } = temporaryDataDir());
  for (const folder of ['journal', 'recent']) mkdirSync(join(dataDir, folder));
});
afterEach(() => remove());

const nameOf = (number: number, run = RUN): string => `1767600000000-${run}-${number}.hzj`;
const pathOf = (name: string, folder = 'journal'): string => join(dataDir, folder, name);

/** What is appended of some snapshots, a tenth of a second apart. */
function appended(from: number, to: number): Uint8Array {
  const snapshots = Array.from({ length: to - from }, (_, i) =>
    packedAt(from + i, START_MS + 100 * (from + i)),
  );
  return journalled(framesOf(snapshots));
}

function write(name: string, ...parts: Uint8Array[]): void {
  writeFileSync(pathOf(name), Buffer.concat([header, ...parts]));
}

function journals(mostBytes = MANY_BYTES): Journals {
  return new Journals(dataDir, mostBytes, (message) => said.push(message));
}

function readAll(source: JournalSource): number[] {
  const sequences: number[] = [];
  while (source.next()) {
    expect(source.unixUs).toBe((START_MS + 100 * source.sequence) * 1_000);
    expect(source.row.length).toBeGreaterThan(0);
    sequences.push(source.sequence);
  }
  return sequences;
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('a journal under way', () => {
  test('is followed as it grows, also while half a record is there', () => {
    write(nameOf(0), appended(0, 5));
    const source = new JournalSource(journals(), 0);
    expect(readAll(source)).toEqual(range(0, 5));
    const more = appended(5, 8);
    appendFileSync(pathOf(nameOf(0)), more.subarray(0, more.length - 3));
    expect(readAll(source)).toEqual(range(5, 7));
    appendFileSync(pathOf(nameOf(0)), more.subarray(more.length - 3));
    expect(readAll(source)).toEqual([7]);
    expect(source.skipped).toBe(0);
  });

  test('goes on in the next, wherever it has moved', () => {
    write(nameOf(0), appended(0, 5));
    const source = new JournalSource(journals(), 0);
    expect(readAll(source)).toEqual(range(0, 5));
    appendFileSync(pathOf(nameOf(0)), appended(5, 6));
    renameSync(pathOf(nameOf(0)), pathOf(nameOf(0), 'recent'));
    write(nameOf(1), appended(6, 9));
    expect(readAll(source)).toEqual(range(5, 9));
    expect(source.position).toEqual({ journal: nameOf(1), sequence: 8 });
  });

  test('damage in it costs what is damaged', () => {
    const middle = Buffer.from(appended(5, 6));
    middle[middle.length - 2]! ^= 0xff;
    write(nameOf(0), appended(0, 5), middle, appended(6, 9), Buffer.alloc(50));
    write(nameOf(1), appended(9, 10));
    const source = new JournalSource(journals(), 0);
    expect(readAll(source)).toEqual([...range(0, 5), ...range(6, 10)]);
    expect(source.skipped).toBe(1);
  });
});

test('who seeks reads from there again, in the same run and in others', () => {
  write(nameOf(0), appended(0, 5));
  write(nameOf(1), appended(5, 9));
  write(nameOf(0, LATER_RUN), appended(0, 3));
  const source = new JournalSource(journals(), 0);
  expect(readAll(source)).toEqual([...range(0, 9), ...range(0, 3)]);
  source.seek({ journal: nameOf(0), sequence: 3 });
  expect(readAll(source)).toEqual([...range(3, 9), ...range(0, 3)]);
  source.seek({ journal: nameOf(1), sequence: 7 });
  expect(readAll(source)).toEqual([7, 8, ...range(0, 3)]);
  expect(source.skipped).toBe(0);
});

test('nothing before a time is read, but for what a run since then has of a clock that was set back', () => {
  const before = `${START_MS - 60_000}.abc123`;
  write(nameOf(0, before), appended(0, 9));
  write(nameOf(0, `${START_MS + 500}.def456`), appended(2, 4));
  expect(readAll(new JournalSource(journals(), (START_MS + 600) * 1_000))).toEqual([6, 7, 8, 2, 3]);
});

test('what is gone is counted', () => {
  write(nameOf(0), appended(0, 5));
  write(nameOf(1), appended(5, 9));
  write(nameOf(2), appended(9, 12));
  const source = new JournalSource(journals(), 0);
  source.seek({ journal: nameOf(0), sequence: 2 });
  rmSync(pathOf(nameOf(0)));
  rmSync(pathOf(nameOf(1)));
  expect(readAll(source)).toEqual(range(9, 12));
  expect(source.skipped).toBe(7);
});

describe('journals that are not sent yet', () => {
  beforeEach(() => {
    for (const number of [0, 1, 2]) write(nameOf(number), appended(3 * number, 3 * number + 3));
  });

  test('stay although history lets go of them, and go when they are sent', () => {
    const kept = journals();
    kept.keep(nameOf(0), false);
    rmSync(pathOf(nameOf(0)));
    rmSync(pathOf(nameOf(1)));
    expect(readAll(new JournalSource(kept, 0))).toEqual(range(0, 9));
    kept.keep(nameOf(1), false);
    expect(kept.names()).toEqual([nameOf(1), nameOf(2)]);
    kept.keep(nameOf(1), true);
    expect(readdirSync(pathOf('', 'forward/journals')).sort(byAge)).toEqual([nameOf(1), nameOf(2)]);
    kept.keep(undefined, false);
    expect(readdirSync(pathOf('', 'forward/journals'))).toEqual([]);
  });

  test('are given up from the oldest on beyond what they may take', () => {
    const kept = journals(1);
    kept.keep(nameOf(0), false);
    expect(readdirSync(pathOf('', 'forward/journals'))).toEqual([]);
    const one = journals(Buffer.concat([header, appended(3, 6)]).length);
    one.keep(nameOf(0), false);
    expect(readdirSync(pathOf('', 'forward/journals'))).toEqual([nameOf(1)]);
  });
});

test('journals are told in the order they were written, whatever their names look like', () => {
  const names = [nameOf(10), nameOf(9), nameOf(0, LATER_RUN), nameOf(2)];
  expect(names.sort(byAge)).toEqual([nameOf(2), nameOf(9), nameOf(10), nameOf(0, LATER_RUN)]);
});

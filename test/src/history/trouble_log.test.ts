import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TroubleLog } from '../../../src/history/trouble_log.ts';

const FULL = 'history waits for the disk: ENOSPC';
const MINUTE_MS = 60_000;

let lines: string[];
beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(String(text).replace(/^\S+ /, '').trimEnd());
    return true;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('one line says that the disk is full, and one that it is well again', () => {
  const troubles = new TroubleLog();
  troubles.hear(undefined, 0);
  for (let second = 0; second < 90; second++) {
    troubles.hear(second % 2 === 0 ? FULL : `${FULL}; what was recorded cannot be made into segments`, 0);
    vi.advanceTimersByTime(1_000);
  }
  troubles.hear(undefined, 0);
  vi.advanceTimersByTime(MINUTE_MS);
  expect(lines).toEqual([
    `error history: ${FULL}`,
    'info history: all is well again after 90.0 s: what was recorded meanwhile is kept',
  ]);
});

test('a disk that is nearly full does not flood the log', () => {
  const troubles = new TroubleLog();
  for (let second = 0; second < 300; second++) {
    troubles.hear(second % 3 === 0 ? FULL : undefined, 0);
    vi.advanceTimersByTime(1_000);
  }
  vi.advanceTimersByTime(MINUTE_MS);
  expect(lines).toHaveLength(2);
});

test('trouble of another kind is said while it lasts, ten minutes apart', () => {
  const troubles = new TroubleLog();
  for (let minute = 0; minute < 25; minute++) {
    troubles.hear(`trouble ${minute}`, 0);
    vi.advanceTimersByTime(MINUTE_MS);
  }
  expect(lines).toEqual([
    'error history: trouble 0',
    'error history: trouble 10',
    'error history: trouble 20',
  ]);
});

test('what was lost meanwhile is counted, and every trouble has its own two lines', () => {
  const troubles = new TroubleLog();
  troubles.hear(FULL, 5);
  troubles.hear(FULL, 47);
  troubles.hear(undefined, 47);
  vi.advanceTimersByTime(MINUTE_MS);
  troubles.hear(FULL, 47);
  troubles.hear(undefined, 47);
  troubles.close();
  troubles.close();
  expect(lines).toEqual([
    `error history: ${FULL}`,
    'info history: all is well again after 0.0 s: 42 snapshots are lost, the others are kept',
    `error history: ${FULL}`,
    'info history: all is well again after 0.0 s: what was recorded meanwhile is kept',
  ]);
});

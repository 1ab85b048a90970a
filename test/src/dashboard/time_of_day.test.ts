import { afterEach, expect, test } from 'vitest';
import { timeMarks } from '../../../src/dashboard/drawing/scale.ts';
import { isoTime, momentIn, setZone } from '../../../src/dashboard/view/zone.ts';
import { timeOfDay } from '../../../src/dashboard/words/format.ts';

/** Some morning, in the viewer's own time. */
const START = new Date(2026, 10, 27, 7, 31, 19).getTime() / 1000;

test.each([
  [0.1, ['07:31:19.7', '07:31:19.8', '07:31:19.9', '07:31:20.0', '07:31:20.1']],
  [0.05, ['07:31:19.700', '07:31:19.750', '07:31:19.800', '07:31:19.850', '07:31:19.900', '07:31:19.950']],
  [0.001, ['07:31:19.700', '07:31:19.701', '07:31:19.702', '07:31:19.703']],
])('marks %f s apart are named by their own times', (step, texts) => {
  const marks = timeMarks(START + 0.7 - step / 4, START + 2, step).slice(0, texts.length);
  expect(marks.map((mark) => timeOfDay(mark, step))).toEqual(texts);
});

test('a clock is not ahead of its time', () => {
  expect(timeOfDay(START + 0.9996, 1)).toBe('07:31:20');
  expect(timeOfDay(START + 0.96, 1)).toBe('07:31:19');
  expect(timeOfDay(START + 59, 60)).toBe('07:32');
  expect(timeOfDay(START + 40, 60)).toBe('07:31');
});

afterEach(() => {
  setZone('local');
  process.env.TZ = 'UTC';
});

test('one zone goes for marks, addresses and what is typed', () => {
  process.env.TZ = 'Asia/Kathmandu';
  const at = Date.UTC(2026, 10, 27, 7, 31, 19, 250) / 1000;
  expect(timeOfDay(at, 1)).toBe('13:16:19');
  expect(isoTime(at)).toBe('2026-11-27T13:16:19.250+05:45');
  expect(momentIn('2026-11-27T13:16:19.250')).toBe(at);
  expect(timeMarks(at, at + 3600, 3600).map((mark) => timeOfDay(mark, 60))).toEqual(['14:00']);
  setZone('utc');
  expect(timeOfDay(at, 1)).toBe('07:31:19');
  expect(isoTime(at)).toBe('2026-11-27T07:31:19.250Z');
  expect(momentIn('2026-11-27T07:31:19.250')).toBe(at);
  expect(timeMarks(at, at + 3600, 3600).map((mark) => timeOfDay(mark, 60))).toEqual(['08:00']);
});

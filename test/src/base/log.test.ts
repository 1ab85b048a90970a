import { expect, test } from 'vitest';
import { logLine } from '../../../src/base/log.ts';

const TIME = new Date('2026-11-28T01:32:05.634Z');

test('a line for people has a time in UTC, a level and what it is about', () => {
  expect(logLine('text', 'info', 'recording to /data', { data_dir: '/data' }, TIME)).toBe(
    '2026-11-28T01:32:05.634Z info recording to /data\n',
  );
  expect(logLine('text', 'error', 'no room', { subject: 'history', lost_snapshots: 3 }, TIME)).toBe(
    '2026-11-28T01:32:05.634Z error history: no room\n',
  );
});

test('a line for machines is one object with time, level, message and the fields there are', () => {
  const line = logLine('json', 'warn', 'no room', { subject: 'history', code: undefined, lost: 3 }, TIME);
  expect(line.endsWith('}\n')).toBe(true);
  expect(JSON.parse(line)).toEqual({
    time: '2026-11-28T01:32:05.634Z',
    level: 'warn',
    message: 'no room',
    subject: 'history',
    lost: 3,
  });
});

test.each(['text', 'json'] as const)('whatever a message has in it, it stays one line of %s', (format) => {
  const line = logLine(format, 'error', 'a\nb\r\u001b[31mc\u0000', { subject: 'own\ncollector' }, TIME);
  expect(line.slice(0, -1)).not.toMatch(/\p{Cc}/u);
  expect(line).toContain('a\\nb');
});

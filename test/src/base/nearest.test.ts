import { describe, expect, test } from 'vitest';
import { closest, nearest, noSuch } from '../../../src/base/nearest.ts';

const KNOWN = ['cpu', 'memory', 'disk', 'perf_events', 'memory_bandwidth', 'pressure', 'interrupts'];

describe('a name there is none of', () => {
  test.each([
    ['presure', 'pressure'],
    ['Interupts', 'interrupts'],
    ['perf-event', 'perf_events'],
    ['bandwidth', 'memory_bandwidth'],
    ['mem', 'memory'],
    ['gpu', 'cpu'],
  ])('%s was probably meant to be %s', (name, meant) => {
    expect(nearest(name, KNOWN)).toBe(meant);
  });

  test.each(['', 'temperature', '/etc/passwd', '__proto__'])(
    'that is like none is not guessed: %s',
    (name) => {
      expect(nearest(name, KNOWN)).toBeUndefined();
    },
  );

  test.each([
    ['kitten', ['sitting', 'kitchen', 'mittens'], 'kitchen'],
    ['', ['ab', 'a'], 'a'],
    ['a', [], undefined],
  ])('of all, %s is closest to what takes the fewest changes', (name, known, meant) => {
    expect(closest(name, known)).toBe(meant);
  });

  test('is named with what there is', () => {
    expect(noSuch('collector', 'dsk', ['cpu', 'disk'])).toBe(
      'there is no collector "dsk"; there are cpu, disk; the nearest is "disk"',
    );
    expect(noSuch('collector', 'sensors', ['cpu'])).toBe('there is no collector "sensors"; there is cpu');
  });
});

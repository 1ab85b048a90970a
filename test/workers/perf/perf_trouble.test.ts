import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainTrouble } from '../../../workers/perf/perf_trouble.ts';

const STDERR = join(import.meta.dirname, '../../fixtures/perf/stderr');
const OLD_KERNEL = join(import.meta.dirname, '../../fixtures/old-kernel');

test.each([
  ['captured-paranoid-2-system-wide.txt', /kernel\.perf_event_paranoid/],
  ['made-paranoid-4.txt', /sysctl kernel\.perf_event_paranoid=0/],
  ['made-paranoid-4-newer.txt', /cap_perfmon/],
  ['made-old-permission.txt', /not allowed/],
  ['made-no-permission-event.txt', /not allowed/],
  ['captured-bad-cpu-list.txt', /--perf-cpus/],
  ['made-wrapper-no-perf-for-kernel.txt', /linux-tools-6\.8\.0-45/],
  ['made-shell-not-found.txt', /apt install linux-perf/],
  ['made-shell-permission-denied.txt', /may not be executed/],
  ['made-syscall-not-implemented.txt', /CONFIG_PERF_EVENTS/],
  ['made-too-many-files.txt', /ulimit -n/],
  ['made-library-missing.txt', /libopencsd_c_api/],
  ['made-no-such-device.txt', /exit code 1.*No such device/],
])('%s is explained with its remedy', (name, expected) => {
  const stderr = readFileSync(join(STDERR, name), 'utf8');
  const text = explainTrouble(stderr, 'exit code 1', OLD_KERNEL);
  expect(text).toMatch(expected);
  expect(text).not.toContain('\n');
});

test('a perf that is not there is explained', () => {
  expect(explainTrouble('', 'ENOENT', '')).toMatch(/not installed/);
});

test('a perf that was killed says by what', () => {
  expect(explainTrouble('', 'killed by SIGKILL', '')).toBe('perf ended (killed by SIGKILL)');
});

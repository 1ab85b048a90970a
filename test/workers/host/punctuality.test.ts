import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { HostFinding } from '../../../src/base/host_finding.ts';
import { punctuality } from '../../../workers/host/punctuality.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A line of /proc/PID/stat with these fields at the places proc(5) gives them. */
function stat(fields: Record<number, number>): string {
  const values = Array.from({ length: 52 }, (_, index) => fields[index + 1] ?? 0);
  return `77 (a (strange) name) S ${values.slice(3).join(' ')}\n`;
}

const ORDINARY: Record<string, string> = {
  'self/stat': stat({ 18: 20, 19: 0, 40: 0, 41: 0 }),
  'self/status': 'Name:\tnode\nCapEff:\t0000000000000000\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n',
  'self/limits':
    'Limit  Soft  Hard  Units\nMax realtime priority     0                    0                    \n',
  'self/cgroup': '9:name=systemd:/\n0::/user.slice\n',
  'self/timerslack_ns': '50000\n',
  'sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  'sys/devices/system/cpu/isolated': '\n',
  'sys/fs/cgroup/user.slice/cpu.max': 'max 100000\n',
};

function findings(changed: Record<string, string> = {}): Record<string, HostFinding> {
  const folder = mkdtempSync(join(tmpdir(), 'hzstat-punctuality-'));
  folders.push(folder);
  for (const [path, content] of Object.entries({ ...ORDINARY, ...changed })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const all = punctuality(join(folder, 'self'), join(folder, 'sys'));
  return Object.fromEntries(all.map((finding) => [finding.subject, finding]));
}

test('an ordinary process is told what would put it before others', () => {
  const { scheduling, ...rest } = findings();
  expect(scheduling).toMatchObject({ state: 'limited', remedy: expect.stringMatching(/as a service/) });
  for (const finding of Object.values(rest)) expect(finding.state).toBe('ok');
  expect(Object.keys(rest).sort()).toEqual(['CPU affinity', 'clock source', 'timer slack']);
});

test.each([
  ['the capability', { 'self/status': 'CapEff:\t0000000000800000\nCpus_allowed_list:\t0\n' }],
  ['the limit', { 'self/limits': 'Max realtime priority     99                   99                   \n' }],
])('who has %s is told the command', (_, changed) => {
  expect(findings(changed).scheduling?.remedy).toMatch(/^chrt --fifo/);
});

test.each([
  [{ 41: 1, 40: 10 }, /real-time, priority 10/],
  [{ 41: 2, 40: 3 }, /real-time, priority 3/],
  [{ 19: -15 }, /nice -15/],
])('who stands before others already is told so: %j', (fields, detail) => {
  const { scheduling } = findings({ 'self/stat': stat(fields) });
  expect(scheduling?.state).toBe('ok');
  expect(scheduling?.detail).toMatch(detail);
});

test('a limit on CPU time makes ticks wait', () => {
  const limited = findings({ 'sys/fs/cgroup/user.slice/cpu.max': '20000 100000\n' });
  expect(limited['CPU limit']).toMatchObject({
    state: 'limited',
    detail: expect.stringMatching(/^20 % .* 100 ms/),
  });
});

test('slack beyond the usual and a slow clock are limits', () => {
  const { 'timer slack': slack, 'clock source': clock } = findings({
    'self/timerslack_ns': '40000000\n',
    'sys/devices/system/clocksource/clocksource0/current_clocksource': 'acpi_pm\n',
  });
  expect(slack).toMatchObject({ state: 'limited', detail: expect.stringMatching(/^40000 µs/) });
  expect(clock).toMatchObject({ state: 'limited', detail: expect.stringMatching(/acpi_pm/) });
});

test('isolated CPUs are pointed out', () => {
  const { 'CPU affinity': affinity } = findings({ 'sys/devices/system/cpu/isolated': '3,5\n' });
  expect(affinity?.detail).toMatch(/0-1; isolated: 3,5/);
});

test('what cannot be read is not told of', () => {
  expect(punctuality('/nowhere', '/nowhere')).toEqual([]);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MAIN, TestServer } from '../support/server.ts';

const FULL = join(import.meta.dirname, '../fixtures/perf/made-full-pmu.jsonl');
/** Neither the end of its input nor anything that can be caught ends it. */
const OBSTINATE = 'trap "" TERM HUP INT PIPE; while :; do sleep 300 < /dev/null; done';
const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Puts a shell script called `perf` before the real one, which first leaves its process id. */
function fakePerf(script: string): { environment: NodeJS.ProcessEnv; pids(): Promise<number[]> } {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-perf-exit-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const started = join(directory, 'started');
  writeFileSync(join(directory, 'perf'), `#!/bin/sh\necho $$ >> ${started}\n${script}\n`);
  chmodSync(join(directory, 'perf'), 0o755);
  const pids = () =>
    vi.waitFor(() => readFileSync(started, 'utf8').trim().split('\n').map(Number), { timeout: 10_000 });
  return { environment: { PATH: `${directory}${delimiter}${process.env.PATH}` }, pids };
}

const TELLING = `case "$*" in *-I*) cat ${FULL} >&3; ${OBSTINATE};; *) sed 's/"interval" : [0-9.]*, //' ${FULL} | head -17 >&3;; esac`;

/** Whether there is such a process that is not merely waiting to be buried by its parent. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

/** A process that is killed takes a moment to die. */
async function expectGone(pids: readonly number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 5_000 });
}

describe('a perf that does not mind the end of its input', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('does not outlive a server ended by %s', async (signal) => {
    const { environment, pids } = fakePerf(TELLING);
    const server = await TestServer.start(['--collectors', 'perf_events'], environment);
    await vi.waitFor(
      async () => expect(await server.json('/snapshot')).toHaveProperty('perf_events.events.cycles'),
      { timeout: 10_000 },
    );
    const started = await pids();
    expect(started.length).toBeGreaterThan(1);
    await server.stop(signal);
    await expectGone(started);
  });

  test('does not outlive a server that ends while it is being probed', async () => {
    const { environment, pids } = fakePerf(OBSTINATE);
    const server = await TestServer.start(['--collectors', 'perf_events'], environment);
    const started = await pids();
    await server.stop();
    await expectGone(started);
  });

  test('does not outlive `hzstat snapshot`', async () => {
    const { environment, pids } = fakePerf(TELLING);
    const child = spawn(process.execPath, [MAIN, 'snapshot', '-c', 'perf_events'], {
      env: { ...process.env, ...environment },
      stdio: 'ignore',
    });
    await once(child, 'exit');
    await expectGone(await pids());
  });
});

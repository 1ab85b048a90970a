import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SamplingUsage } from '../../../src/sampling/sampling_usage.ts';
import { ThreadTimes } from '../../../src/sampling/thread_times.ts';
import { WorkClock } from '../../../src/sampling/work_clock.ts';

const root = mkdtempSync(join(tmpdir(), 'hzstat-threads-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let trees = 0;

/** A process's threads as the kernel shows them. */
class Tasks {
  readonly path = join(root, String(trees++));
  constructor() {
    mkdirSync(this.path);
  }
  put(id: number, comm: string, files: { schedstat?: string; stat?: string }): void {
    const task = join(this.path, String(id));
    mkdirSync(task, { recursive: true });
    writeFileSync(join(task, 'comm'), `${comm}\n`);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(task, name), text);
  }
  end(id: number): void {
    rmSync(join(this.path, String(id)), { recursive: true });
  }
}

describe('the time of threads', () => {
  test('is of those with a name of ours', () => {
    const tasks = new Tasks();
    tasks.put(1, 'node', { schedstat: '9000000 1 1\n' });
    tasks.put(2, 'hz:cpu', { schedstat: '2000000 77 3\n' });
    // What is sent elsewhere is no sampling.
    tasks.put(4, 'hz:forward', { schedstat: '70000000 1 1\n' });
    const times = new ThreadTimes(tasks.path);
    expect(times.takeNs()).toBe(2_000_000);
    expect(times.takeNs()).toBe(0);
    tasks.put(2, 'hz:cpu', { schedstat: '2500000 77 4\n' });
    tasks.put(3, 'hz:history', { schedstat: '100 0 1\n' });
    // Looks at what others do, which is no reason to sample less.
    tasks.put(4, 'hz:evidence', { schedstat: '70000 0 1\n' });
    expect(times.takeNs()).toBe(500_100);
  });

  test('is found when a thread names itself a little late, and forgotten when it ends', () => {
    const tasks = new Tasks();
    tasks.put(5, 'node', { schedstat: '1000 0 1\n' });
    const times = new ThreadTimes(tasks.path);
    expect(times.takeNs()).toBe(0);
    tasks.put(5, 'hz:disk', { schedstat: '3000 0 1\n' });
    expect(times.takeNs()).toBe(3_000);
    tasks.end(5);
    expect(times.takeNs()).toBe(0);
    tasks.put(5, 'hz:disk', { schedstat: '10 0 1\n' });
    expect(times.takeNs()).toBe(10);
  });

  test('comes from stat in a kernel without schedstat, whatever the name holds', () => {
    const tasks = new Tasks();
    const stat = (utime: number, stime: number) =>
      `7 (hz:a) b (c) S 1 7 7 0 -1 4194368 1 0 0 0 ${utime} ${stime} 0 0 20 0 1 0 1 0 0\n`;
    tasks.put(7, 'hz:a) b (c', { stat: stat(3, 4) });
    const times = new ThreadTimes(tasks.path);
    expect(times.takeNs()).toBe(70_000_000);
    tasks.put(7, 'hz:a) b (c', { stat: stat(4, 4) });
    expect(times.takeNs()).toBe(10_000_000);
  });

  test('is unknown where there are no threads to look at, or nothing to read in them', () => {
    expect(new ThreadTimes(join(root, 'nowhere')).takeNs()).toBeUndefined();
    const tasks = new Tasks();
    tasks.put(9, 'hz:cpu', { stat: 'odd' });
    expect(new ThreadTimes(tasks.path).takeNs()).toBeUndefined();
  });

  test('reaches the pool of the runtime', async () => {
    const times = new ThreadTimes();
    await times.namePool();
    expect(times.takeNs()).toBeGreaterThan(0);
  });
});

describe('what sampling uses', () => {
  function usage() {
    let nowMs = 0;
    const tasks = new Tasks();
    const main = new WorkClock(() => nowMs);
    const work = (ms: number): void =>
      main.during(() => {
        nowMs += ms;
      });
    return { tasks, work, of: new SamplingUsage(main, new ThreadTimes(tasks.path)) };
  }

  test('is its threads and its share of main', () => {
    const { tasks, work, of } = usage();
    tasks.put(2, 'hz:history', { schedstat: '30000000 0 1\n' });
    work(5);
    // 30 ms of the thread, and 5 of main, in a second.
    expect(of.takePercent(1e9, 80)).toBeCloseTo(3.5);
    expect(of.takePercent(1e9, 80)).toBe(0);
  });

  test('is no more than the process used: the rest was waiting for the core', () => {
    const { work, of } = usage();
    work(500);
    expect(of.takePercent(1e9, 3)).toBe(3);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type FileSystemSize, PartitionUsage } from '../../../workers/host/partition_usage.ts';
import { TestClock } from '../../support/machine.ts';

const SIZE: FileSystemSize = { bsize: 512, blocks: 100, bfree: 50, bavail: 30 };

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A host whose file systems answer when the test says so. */
class Host {
  readonly clock = new TestClock();
  readonly rootfs = mkdtempSync(join(tmpdir(), 'hzstat-mounts-'));
  readonly asked: string[] = [];
  readonly usage: PartitionUsage;
  readonly #answers = new Map<string, (size: FileSystemSize | undefined) => void>();

  constructor(...mountPoints: string[]) {
    mkdirSync(join(this.rootfs, 'proc/self'), { recursive: true });
    this.mount(...mountPoints);
    this.usage = new PartitionUsage(this.rootfs, this.clock.now, (path, _device, answer) => {
      const mountPoint = path.toString().slice(this.rootfs.length);
      this.asked.push(mountPoint);
      this.#answers.set(mountPoint, answer);
    });
    cleanups.push(() => {
      this.usage.close();
      rmSync(this.rootfs, { recursive: true });
    });
  }

  mount(...mountPoints: string[]): void {
    const rows = mountPoints.map(
      (path, i) => `${30 + i} 1 8:${i + 1} / ${path} rw - ext4 /dev/sda${i + 1} rw\n`,
    );
    writeFileSync(join(this.rootfs, 'proc/self/mountinfo'), rows.join(''));
  }

  refuse(mountPoint: string): void {
    this.#settle(mountPoint, undefined);
  }

  answer(mountPoint: string, size = SIZE): void {
    this.#settle(mountPoint, size);
  }

  #settle(mountPoint: string, size: FileSystemSize | undefined): void {
    const answer = this.#answers.get(mountPoint);
    expect(answer, `${mountPoint} was asked`).toBeDefined();
    this.#answers.delete(mountPoint);
    answer?.(size);
  }

  /** Ticks ten times a second, as a thread does that listens whenever it should. */
  pass(seconds: number): void {
    for (let tick = 0; tick < seconds * 10; tick++) {
      this.clock.advanceMs(100);
      this.usage.refresh();
      this.usage.needsEventLoop();
    }
  }

  get partitions(): string[] {
    return Object.keys(this.usage.partitions);
  }
}

describe('partition usage', () => {
  test('counts as df does', () => {
    const host = new Host('/');
    host.usage.refresh();
    host.answer('/');
    expect(host.usage.partitions).toEqual({
      '/': {
        total_bytes: 51_200,
        used_bytes: 25_600,
        free_bytes: 15_360,
        percent: 62.5,
        device: '/dev/sda1',
        filesystem: 'ext4',
      },
    });
  });

  test('what is reserved beyond what is left is nothing free, not very much', () => {
    const host = new Host('/');
    host.usage.refresh();
    host.answer('/', { ...SIZE, bavail: 2 ** 64 - 5 });
    expect(host.usage.partitions['/']).toMatchObject({ free_bytes: 0, percent: 100 });
  });

  test('asks again every five seconds', () => {
    const host = new Host('/');
    for (let second = 0; second < 12; second++) {
      host.pass(1);
      if (second % 5 === 0) host.answer('/');
    }
    expect(host.asked).toEqual(['/', '/', '/']);
  });

  test('asks two at a time, and the next when one has answered', () => {
    const host = new Host('/a', '/b', '/c');
    host.usage.refresh();
    expect(host.asked).toEqual(['/a', '/b']);
    host.answer('/b');
    expect(host.asked).toEqual(['/a', '/b', '/c']);
    host.answer('/c');
    host.answer('/a');
    expect(host.partitions).toEqual(['/a', '/b', '/c']);
    expect(host.usage.needsEventLoop()).toBe(false);
  });

  test('a file system that does not answer is stuck, is not asked again, and holds up no other', () => {
    const host = new Host('/dead', '/alive');
    host.usage.refresh();
    host.answer('/dead');
    host.answer('/alive');
    host.pass(5);
    for (let second = 0; second < 60; second++) {
      if (host.asked.at(-1) === '/alive' && second % 5 === 0) host.answer('/alive');
      host.pass(1);
    }
    expect(host.partitions).toEqual(['/alive']);
    expect(host.usage.stuck).toEqual(['/dead']);
    expect(host.asked.filter((path) => path === '/dead')).toHaveLength(2);
    expect(host.asked.filter((path) => path === '/alive').length).toBeGreaterThan(10);
    host.answer('/dead');
    expect(host.partitions).toEqual(['/dead', '/alive']);
    expect(host.usage.stuck).toEqual([]);
  });

  test('nothing is called stuck before the thread has listened', () => {
    const host = new Host('/');
    host.usage.refresh();
    host.usage.needsEventLoop();
    host.clock.advanceMs(3_600_000);
    host.usage.refresh();
    expect(host.usage.stuck).toEqual([]);
    expect(host.usage.needsEventLoop()).toBe(true);
    host.usage.refresh();
    expect(host.usage.stuck).toEqual(['/']);
  });

  test('listens at every tick for a second, then once a second', () => {
    const host = new Host('/');
    host.usage.refresh();
    const heard: boolean[] = [];
    for (let tick = 0; tick < 40; tick++) {
      heard.push(host.usage.needsEventLoop());
      host.clock.advanceMs(100);
    }
    expect(heard.slice(0, 11).every(Boolean)).toBe(true);
    expect(heard.slice(11).filter(Boolean)).toHaveLength(2);
  });

  test('follows what is mounted, and never asks twice where the first question is open', () => {
    const host = new Host('/', '/mnt');
    host.usage.refresh();
    host.answer('/');
    host.mount('/');
    host.pass(5);
    host.answer('/');
    expect(host.partitions).toEqual(['/']);
    host.mount('/', '/other', '/mnt');
    host.pass(5);
    host.answer('/');
    expect(host.asked.at(-1)).toBe('/other');
    expect(host.asked.filter((path) => path === '/mnt')).toHaveLength(1);
    host.answer('/mnt');
    expect(host.asked.filter((path) => path === '/mnt')).toHaveLength(2);
    host.answer('/mnt');
    expect(host.partitions).toContain('/mnt');
  });

  test('keeps the mounts it knows while the table cannot be read', () => {
    const host = new Host('/');
    host.usage.refresh();
    host.answer('/');
    writeFileSync(join(host.rootfs, 'proc/self/mountinfo'), '30 1 8:1 / / rw - ext');
    host.pass(5);
    host.answer('/');
    expect(host.partitions).toEqual(['/']);
  });

  test('a file system that cannot be asked is left out and not stuck', () => {
    const host = new Host('/', '/forbidden');
    host.usage.refresh();
    host.answer('/');
    host.refuse('/forbidden');
    host.pass(1);
    expect(host.partitions).toEqual(['/']);
    expect(host.usage.stuck).toEqual([]);
  });

  test('an answer after closing changes nothing', () => {
    const host = new Host('/a', '/b', '/c');
    host.usage.refresh();
    host.usage.close();
    host.answer('/a');
    expect(host.asked).toEqual(['/a', '/b']);
    expect(host.partitions).toEqual([]);
  });
});

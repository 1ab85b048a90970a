import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FIXTURES = join(import.meta.dirname, '../fixtures');

export const MACHINES = ['small-vm', 'server-128', 'hybrid-laptop', 'container-host', 'old-kernel'] as const;
export type Machine = (typeof MACHINES)[number];

/** A copy of a fixture machine that a test may change. */
export class MachineCopy {
  readonly machine: Machine;
  /** Prefix of its /proc and /sys. */
  readonly rootfs = mkdtempSync(join(tmpdir(), 'hzstat-machine-'));

  constructor(machine: Machine) {
    this.machine = machine;
    for (const part of ['proc', 'sys']) {
      cpSync(join(FIXTURES, machine, part), join(this.rootfs, part), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }

  /** Lets time go on to the second reading of the machine. */
  later(): void {
    const later = join(FIXTURES, this.machine, 'later');
    for (const part of ['proc', 'sys']) {
      const from = join(later, part);
      if (existsSync(from)) {
        cpSync(from, join(this.rootfs, part), { recursive: true, verbatimSymlinks: true, force: true });
      }
    }
    const removed = join(later, 'removed.txt');
    if (!existsSync(removed)) return;
    for (const path of readFileSync(removed, 'utf8').split('\n').filter(Boolean)) {
      rmSync(join(this.rootfs, path), { recursive: true, force: true });
    }
  }

  read(path: string): string {
    return readFileSync(join(this.rootfs, path), 'latin1');
  }

  write(path: string, content: string): void {
    writeFileSync(join(this.rootfs, path), content, 'latin1');
  }

  remove(path: string): void {
    rmSync(join(this.rootfs, path), { recursive: true, force: true });
  }

  dispose(): void {
    rmSync(this.rootfs, { recursive: true, force: true });
  }
}

/** What a machine's files must lead to, computed independently of the collectors. */
export interface Expected {
  later_after_ms: number;
  cpu: {
    missing_later: number[];
    percent: Record<string, number>;
    per_core: Record<string, { total_ticks: number; usage: number | null } | null>;
    temperature_celsius: number | null | { max_package?: number; Tdie?: number };
    frequency_mhz: { cpufreq_mean_over_online_cpus: number | null; cpuinfo_mean: number | null };
  };
  memory: { first: Record<string, number>; later: Record<string, number> };
  memory_bandwidth: Record<string, number>;
  /** By resource and row; null where the machine has no PSI. */
  pressure: Record<
    string,
    Partial<Record<'some' | 'full', { total_us_later: number; percent: number }>>
  > | null;
  interrupts: {
    context_switches_later: number;
    context_switches_per_sec: number;
    interrupts_later: number;
    interrupts_per_sec: number;
    forks_later: number;
    forks_per_sec: number;
    tasks_running_later: number;
    tasks_blocked_later: number;
    soft_interrupts_later: number | null;
    softirqs_per_sec: Record<string, number> | null;
  };
  /** By name; what is not named is absent. */
  cgroups: { groups: Record<string, Record<string, number | string>> };
  network: {
    physical: string[];
    interfaces: string[];
    gone_later: string[];
    new_later: string[];
    totals_first: Record<string, number>;
    totals_later: Record<string, number>;
    deltas: Record<string, number>;
    interface_deltas: Record<string, Record<string, number>>;
    bytes_recv_per_sec: number;
    bytes_sent_per_sec: number;
  };
  disk: {
    physical: string[];
    partitions: string[];
    totals_first: Record<string, number>;
    totals_later: Record<string, number>;
    device_deltas: Record<string, DeviceDeltas>;
    read_bytes_per_sec: number;
    write_bytes_per_sec: number;
  };
}

export interface DeviceDeltas {
  reads: number;
  read_bytes: number;
  writes: number;
  write_bytes: number;
  read_ms: number;
  write_ms: number;
  in_flight_later: number;
  io_ms: number;
}

/** A file of the first reading as it is. */
export function readFixture(machine: Machine, path: string): Buffer {
  return readFileSync(join(FIXTURES, machine, path));
}

export function expectedOf(machine: Machine): Expected {
  const text = readFileSync(join(FIXTURES, machine, 'expected.json'), 'utf8');
  const expected: Expected = JSON.parse(text);
  return expected;
}

/** A clock that moves only when told to. */
export class TestClock {
  nowNs = 1_000 * 1e9;
  readonly now = (): number => this.nowNs;

  advanceMs(ms: number): void {
    this.nowNs += ms * 1e6;
  }
}

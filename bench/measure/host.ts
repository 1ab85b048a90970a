import { arch, cpus, loadavg, release, totalmem } from 'node:os';

/** What figures must be read with. */
export interface HostFacts {
  readonly date: string;
  readonly kernel: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_bytes: number;
  /** Run queue of the last minute before the benchmark: what else the machine had to do. */
  readonly load: number;
}

export function hostFacts(): HostFacts {
  return {
    date: new Date().toISOString(),
    kernel: `${release()} ${arch()}`,
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory_bytes: totalmem(),
    load: loadavg()[0] ?? Number.NaN,
  };
}

/** The facts in one line, with what else the machine has to do by now. */
export function describeHost(host: HostFacts): string {
  const gib = (host.memory_bytes / 1024 ** 3).toFixed(0);
  const { date, cores, cpu, kernel, node, load } = host;
  const machine = `${cores} × ${cpu}, ${gib} GiB, Linux ${kernel}, Node ${node}`;
  const loads = `load ${load.toFixed(1)} before, ${(loadavg()[0] ?? Number.NaN).toFixed(1)} after`;
  return `${date.slice(0, 10)}, ${machine}, ${loads}`;
}

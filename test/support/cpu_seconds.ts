import type { CpuData } from '../../src/model/snapshot.ts';

const KINDS = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** CPU time since boot, of each kind another. */
export function cpuSeconds(cores: number): Pick<CpuData, Extract<keyof CpuData, `${string}_seconds`>> {
  const entries = KINDS.flatMap((kind, index): [string, number | number[]][] => [
    [`${kind}_seconds`, (index + 1) * 1_000.25],
    [`per_core_${kind}_seconds`, Array.from({ length: cores }, (_, core) => index * 100.5 + core)],
  ]);
  return Object.fromEntries(entries) as ReturnType<typeof cpuSeconds>;
}

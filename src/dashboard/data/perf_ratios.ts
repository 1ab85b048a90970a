/** What is derived from two events that were counted in the same interval. */
export interface PerfRatio {
  readonly column: string;
  readonly label: string;
  /** What the ratio tells, for the hint. */
  readonly meaning: string;
  readonly numerator: string;
  readonly denominator: string;
  readonly factor: number;
}

const share = (column: string, label: string, numerator: string, denominator: string): PerfRatio => ({
  column,
  label,
  meaning: `${numerator} / ${denominator}`,
  numerator,
  denominator,
  factor: 100,
});

export const PERF_RATIOS: readonly PerfRatio[] = [
  {
    column: 'instructions_per_cycle',
    label: 'instructions per cycle',
    meaning: 'instructions / cycles',
    numerator: 'instructions',
    denominator: 'cycles',
    factor: 1,
  },
  share('branch_miss_percent', 'branch misses', 'branch-misses', 'branches'),
  share('l1d_miss_percent', 'L1 data misses', 'L1-dcache-load-misses', 'L1-dcache-loads'),
  share('llc_miss_percent', 'last-level cache misses', 'LLC-load-misses', 'LLC-loads'),
  share('dtlb_miss_percent', 'data TLB misses', 'dTLB-load-misses', 'dTLB-loads'),
  share('itlb_miss_percent', 'instruction TLB misses', 'iTLB-load-misses', 'iTLB-loads'),
];

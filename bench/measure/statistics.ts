/** The value that a share of all values lies at or below (nearest rank); undefined of nothing. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** The middle value, or the mean of the middle two; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}

/** The three points of a distribution that tell of punctuality. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Undefined of nothing. */
export function spread(values: readonly number[]): Spread | undefined {
  const p50 = quantile(values, 0.5);
  const p99 = quantile(values, 0.99);
  const p999 = quantile(values, 0.999);
  return p50 === undefined || p99 === undefined || p999 === undefined ? undefined : { p50, p99, p999 };
}

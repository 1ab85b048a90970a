/** What charts show, by name. */
export const SERIES = [
  'cpu_usage',
  'memory_used',
  'network_in',
  'network_out',
  'disk_read',
  'disk_write',
  'page_faults',
  'instructions_per_cycle',
  'cpu_pressure',
  'memory_pressure',
  'io_pressure',
  'context_switches',
  'interrupts',
  'own_cpu',
  'lateness',
] as const;

export type Series = (typeof SERIES)[number];
export type SeriesValues = Partial<Record<Series, number | null | undefined>>;

/** Ten minutes of ten a second. */
const CAPACITY = 6_000;
/** What comes again after a reconnection is at most this old. */
export const LONGEST_REPEATED_MS = 120_000;

/** The latest values of every series, in a ring of numbers that is allocated once. */
export class Recent {
  readonly #times: Float64Array;
  readonly #values = new Map<Series, Float64Array>();
  #count = 0;

  constructor(capacity = CAPACITY) {
    this.#times = new Float64Array(capacity);
    for (const series of SERIES) this.#values.set(series, new Float64Array(capacity));
  }

  /** Time of the newest values, or NaN while there are none. */
  get newestMs(): number {
    return this.#count === 0 ? Number.NaN : this.#times[(this.#count - 1) % this.#times.length]!;
  }

  /** Time of the oldest values, or NaN while there are none. */
  get oldestMs(): number {
    if (this.#count === 0) return Number.NaN;
    return this.#times[this.#count <= this.#times.length ? 0 : this.#count % this.#times.length]!;
  }

  /**
   * Adds what was read at a time; what is missing becomes a gap. What arrives again after a reconnection is already known;
   * time that runs backwards for longer means that the machine was started anew.
   */
  add(timeMs: number, values: SeriesValues): void {
    if (timeMs <= this.newestMs) {
      if (this.newestMs - timeMs <= LONGEST_REPEATED_MS) return;
      this.#count = 0;
    }
    const slot = this.#count++ % this.#times.length;
    this.#times[slot] = timeMs;
    for (const [series, ring] of this.#values) ring[slot] = values[series] ?? Number.NaN;
  }

  /**
   * The largest value of each of the columns before `endMs`, so that no peak is lost however long a column is. The
   * last column is the one `endMs` lies in; columns begin at multiples of their length, so that they do not change
   * while they move. NaN where nothing is known.
   */
  columns(series: Series, endMs: number, columnMs: number, columns: number): Float64Array {
    const result = new Float64Array(columns).fill(Number.NaN);
    const ring = this.#values.get(series)!;
    const last = Math.floor(endMs / columnMs);
    const oldest = Math.max(0, this.#count - ring.length);
    for (let index = this.#count - 1; index >= oldest; index--) {
      const slot = index % ring.length;
      const column = columns - 1 - (last - Math.floor(this.#times[slot]! / columnMs));
      if (column < 0) break;
      if (column >= columns) continue;
      const value = ring[slot]!;
      if (!(result[column]! >= value)) result[column] = Number.isNaN(value) ? result[column]! : value;
    }
    return result;
  }
}

/** The largest known value, or NaN. */
export function largest(values: Float64Array): number {
  let result = Number.NaN;
  for (const value of values) if (!(result >= value) && !Number.isNaN(value)) result = value;
  return result;
}

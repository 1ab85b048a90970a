/**
 * The latest rows of many columns on one time axis, oldest first, each column one run of memory. NaN is a value
 * that is not there. Rows slide through arrays twice as long as needed, so that a run never wraps around.
 */
export class TimeSeries {
  readonly #capacity: number;
  readonly #columns = new Map<string, Float32Array>();
  #times: Float64Array;
  #start = 0;
  #end = 0;

  /** @param capacity rows that are kept */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#times = new Float64Array(capacity * 2);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Seconds since 1970 of the first row kept, or NaN. */
  get firstTime(): number {
    return this.length === 0 ? Number.NaN : this.#times[this.#start]!;
  }

  get lastTime(): number {
    return this.length === 0 ? Number.NaN : this.#times[this.#end - 1]!;
  }

  /** The times of the rows kept. A view: the next row may change it. */
  get times(): Float64Array {
    return this.#times.subarray(this.#start, this.#end);
  }

  /** A column's values beside {@link times}; undefined when nothing was ever put there. */
  column(key: string): Float32Array | undefined {
    return this.#columns.get(key)?.subarray(this.#start, this.#end);
  }

  get keys(): Iterable<string> {
    return this.#columns.keys();
  }

  /** Begins a row; {@link set} fills it. Rows that do not come after the last one are refused. */
  append(time: number): boolean {
    if (this.length > 0 && time <= this.lastTime) return false;
    if (this.#end === this.#times.length) this.#slide();
    this.#times[this.#end] = time;
    for (const column of this.#columns.values()) column[this.#end] = Number.NaN;
    this.#end++;
    if (this.length > this.#capacity) this.#start++;
    return true;
  }

  /** Puts a value into the last row. */
  set(key: string, value: number): void {
    let column = this.#columns.get(key);
    if (column === undefined) {
      column = new Float32Array(this.#times.length).fill(Number.NaN);
      this.#columns.set(key, column);
    }
    column[this.#end - 1] = value;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }

  /** Index of the first row at or after a time. */
  indexAt(time: number): number {
    let low = this.#start;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low - this.#start;
  }

  #slide(): void {
    this.#times.copyWithin(0, this.#start, this.#end);
    for (const column of this.#columns.values()) column.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}

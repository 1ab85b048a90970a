const INITIAL_SAMPLES = 4_096;

/** Samples on their way to a receiver, in the order they came; a moment is told once for all of one tick. */
export class SampleBatch {
  count = 0;
  /** By sample: the number of its series, that of its moment, and its value. */
  series = new Int32Array(INITIAL_SAMPLES);
  moments = new Int32Array(INITIAL_SAMPLES);
  values = new Float64Array(INITIAL_SAMPLES);
  /** Unix milliseconds, by number of the moment. */
  readonly momentsMs: number[] = [];

  /** Samples added from now on are of this moment, in Unix milliseconds. */
  at(unixMs: number): void {
    if (this.momentsMs.at(-1) !== unixMs) this.momentsMs.push(unixMs);
  }

  /** A sample of the latest moment. */
  add(series: number, value: number): void {
    if (this.count === this.values.length) this.#grow();
    const at = this.count++;
    this.series[at] = series;
    this.moments[at] = this.momentsMs.length - 1;
    this.values[at] = value;
  }

  clear(): void {
    this.count = 0;
    this.momentsMs.length = 0;
  }

  #grow(): void {
    const { series, moments, values } = this;
    this.series = new Int32Array(2 * values.length);
    this.moments = new Int32Array(2 * values.length);
    this.values = new Float64Array(2 * values.length);
    this.series.set(series);
    this.moments.set(moments);
    this.values.set(values);
  }
}

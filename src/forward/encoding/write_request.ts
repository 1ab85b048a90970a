import type { SampleBatch } from './sample_batch.ts';
import { varintLength, writeVarint } from './varint.ts';

/** Field 1 of a WriteRequest, fields 2 of a TimeSeries and 1 and 2 of a Sample. */
const TIME_SERIES = 0x0a;
const SAMPLE = 0x12;
const VALUE = 0x09;
const TIMESTAMP = 0x10;
/** What the milliseconds of any time from 1971 to 2109 take. */
const MOMENT_BYTES = 6;
const DOUBLE_BYTES = 8;
/** Value and timestamp, each behind its tag. */
const SAMPLE_BYTES = 1 + DOUBLE_BYTES + 1 + MOMENT_BYTES;
/** The same behind its own tag and length. */
const SAMPLE_FIELD_BYTES = 2 + SAMPLE_BYTES;
const EARLIEST_MS = 2 ** 35;
const LATEST_MS = 2 ** 42;

/** Whether a time can be that of a sample: no clock that was ever set is so far off. */
export function isSampleTime(unixMs: number): boolean {
  return unixMs >= EARLIEST_MS && unixMs < LATEST_MS;
}

/**
 * Encodes batches as messages WriteRequest of remote write 1.0 (prometheus/prompb): each series once, with its labels
 * as they were encoded when it was first met and all its samples in the order they came.
 */
export class WriteRequestEncoder {
  #bytes = new Uint8Array();
  #view = new DataView(this.#bytes.buffer);
  #counts = new Int32Array();
  #order = new Int32Array();

  /**
   * The bytes are valid until the next batch is encoded.
   *
   * @param labels by number of the series
   */
  encode(batch: SampleBatch, labels: readonly Uint8Array[]): Uint8Array {
    const ends = this.#sort(batch, labels.length);
    const moments = momentBytes(batch.momentsMs);
    this.#reserve(batch, labels, ends);
    const bytes = this.#bytes;
    const view = this.#view;
    const order = this.#order;
    let at = 0;
    let from = 0;
    for (let series = 0; series < labels.length; series++) {
      const to = ends[series]!;
      if (to === from) continue;
      const own = labels[series]!;
      bytes[at++] = TIME_SERIES;
      at = writeVarint(bytes, at, own.length + (to - from) * SAMPLE_FIELD_BYTES);
      bytes.set(own, at);
      at += own.length;
      for (; from < to; from++) {
        const sample = order[from]!;
        bytes[at] = SAMPLE;
        bytes[at + 1] = SAMPLE_BYTES;
        bytes[at + 2] = VALUE;
        view.setFloat64(at + 3, batch.values[sample]!, true);
        bytes[at + 11] = TIMESTAMP;
        const moment = batch.moments[sample]! * MOMENT_BYTES;
        for (let i = 0; i < MOMENT_BYTES; i++) bytes[at + 12 + i] = moments[moment + i]!;
        at += SAMPLE_FIELD_BYTES;
      }
    }
    return bytes.subarray(0, at);
  }

  /** Puts the samples in the order of their series, as they came within each; returns where each series ends. */
  #sort({ count, series }: SampleBatch, seriesCount: number): Int32Array {
    if (this.#counts.length < seriesCount) this.#counts = new Int32Array(2 * seriesCount);
    if (this.#order.length < count) this.#order = new Int32Array(2 * count);
    const ends = this.#counts.fill(0, 0, seriesCount);
    for (let i = 0; i < count; i++) ends[series[i]!]!++;
    let sum = 0;
    for (let i = 0; i < seriesCount; i++) {
      const own = ends[i]!;
      ends[i] = sum;
      sum += own;
    }
    for (let i = 0; i < count; i++) this.#order[ends[series[i]!]!++] = i;
    return ends;
  }

  #reserve({ count }: SampleBatch, labels: readonly Uint8Array[], ends: Int32Array): void {
    let needed = count * SAMPLE_FIELD_BYTES;
    for (let series = 0, before = 0; series < labels.length; before = ends[series++]!) {
      const samples = ends[series]! - before;
      if (samples === 0) continue;
      const length = labels[series]!.length;
      needed += 1 + varintLength(length + samples * SAMPLE_FIELD_BYTES) + length;
    }
    if (needed <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(2 * needed);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** The timestamps one behind another: they are the same in every series. */
function momentBytes(momentsMs: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(momentsMs.length * MOMENT_BYTES);
  for (const [index, ms] of momentsMs.entries()) {
    if (!isSampleTime(ms)) throw new RangeError(`no time of a sample: ${ms}`);
    writeVarint(bytes, index * MOMENT_BYTES, ms);
  }
  return bytes;
}

import { type Band, type Buckets, columnsOfBucket, type Values } from '../data/buckets.ts';
import type { Range } from '../view/view_state.ts';
import { pixelOf } from './pixel_color.ts';

export interface StackColors {
  /** One for each layer, the lowest first. */
  readonly layers: readonly string[];
  /** Over the layers, from their top to the highest single sample. */
  readonly peak: string;
  /** Where the lowest single sample was. */
  readonly low: string;
}

/**
 * Layers on top of each other, painted pixel by pixel: filling paths of a thousand points ten times a second
 * costs a browser many times as much.
 */
export class StackImage {
  readonly canvas = document.createElement('canvas');
  readonly #context = this.canvas.getContext('2d')!;
  readonly #layers: readonly number[];
  readonly #peak: number;
  readonly #low: number;
  readonly #image: ImageData;
  readonly #pixels: Uint32Array;
  readonly #tops: Int32Array;

  constructor(width: number, height: number, colors: StackColors) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.#layers = colors.layers.map(pixelOf);
    this.#peak = pixelOf(colors.peak);
    this.#low = pixelOf(colors.low);
    this.#image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#tops = new Int32Array(colors.layers.length);
  }

  /** @param values at the lower and the upper edge */
  paint(
    buckets: Buckets,
    layers: readonly Band[],
    envelope: Band | undefined,
    range: Range,
    values: { readonly from: number; readonly to: number },
  ): void {
    const { width, height } = this.canvas;
    const { times } = buckets;
    const perSecond = width / (range.to - range.from);
    const perUnit = height / (values.to - values.from);
    const bottom = height + values.from * perUnit;
    this.#pixels.fill(0);
    const averages = layers.map(({ avg }) => avg);
    for (let index = 0; index < times.length; index++) {
      const [first, last] = columnsOfBucket(buckets, index, range.from, perSecond, width);
      if (last <= first || !this.#measure(averages, index, bottom, perUnit)) continue;
      const highest = envelope?.max[index];
      const lowest = envelope?.min[index];
      const single = highest === lowest;
      const peak = highest == null || single ? height : Math.max(Math.round(bottom - highest * perUnit), 0);
      const low = lowest == null || single ? -1 : Math.round(bottom - lowest * perUnit);
      for (let column = first; column < last; column++) this.#column(column, peak, low);
    }
    this.#context.putImageData(this.#image, 0, 0);
  }

  /** Rows at which each layer ends; false when there is nothing in this bucket. */
  #measure(averages: readonly Values[], index: number, bottom: number, perUnit: number): boolean {
    let sum = 0;
    let any = false;
    for (let layer = 0; layer < averages.length; layer++) {
      const value = averages[layer]![index];
      if (value != null) {
        sum += value;
        any = true;
      }
      this.#tops[layer] = Math.max(Math.round(bottom - sum * perUnit), 0);
    }
    return any;
  }

  #column(column: number, peak: number, low: number): void {
    const { width, height } = this.canvas;
    const pixels = this.#pixels;
    let row = height;
    for (let layer = 0; layer < this.#layers.length; layer++) {
      const top = this.#tops[layer]!;
      const color = this.#layers[layer]!;
      for (; row > top; row--) pixels[(row - 1) * width + column] = color;
    }
    for (; row > peak; row--) pixels[(row - 1) * width + column] = this.#peak;
    if (low >= 0 && low < height) pixels[low * width + column] = this.#low;
  }
}

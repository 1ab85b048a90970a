import type { Band } from '../data/buckets.ts';
import { element } from '../view/element.ts';
import { Reading } from '../view/reading.ts';
import type { Format } from '../words/format.ts';

export interface LegendEntry {
  readonly key: string;
  readonly label: string;
  /** A custom property of the style sheet; none for values that are not drawn. */
  readonly color?: string;
  readonly dash?: readonly number[];
  readonly format: Format;
  readonly hint?: string;
}

/** What each series is called, how it is drawn, and what it was at the moment pointed at. */
export class Legend {
  readonly root = element('dl', { class: 'legend' });
  readonly entries: readonly LegendEntry[];
  readonly #readings: Reading[] = [];
  #pointing = false;

  constructor(entries: readonly LegendEntry[]) {
    this.entries = entries;
    for (const { key, label, color, dash, hint } of entries) {
      const reading = new Reading();
      const mark = dash === undefined ? 'mark' : 'mark dashed';
      const sign = color === undefined ? [] : [element('i', { class: `${mark} ${color}` })];
      this.#readings.push(reading);
      this.root.append(
        element(
          'div',
          { title: hint, class: color === undefined ? 'extra' : undefined },
          element('dt', {}, ...sign, label),
          element('dd', { 'data-metric': key }, reading.root),
        ),
      );
    }
  }

  /** @param reason why a value is not there */
  show(value: (key: string) => number | undefined, reason: (key: string) => string): void {
    this.#point(false);
    for (const [index, { key, format }] of this.entries.entries()) {
      const number = value(key);
      if (number === undefined) this.#readings[index]!.showAbsent(reason(key));
      else this.#readings[index]!.show(format(number));
    }
  }

  /** What the series were within one bucket. */
  showBucket(bands: ReadonlyMap<string, Band>, index: number): void {
    this.#point(true);
    for (const [at, { key, format }] of this.entries.entries()) {
      const band = bands.get(key);
      const average = band?.avg[index];
      const reading = this.#readings[at]!;
      if (average == null) {
        reading.showAbsent('nothing was recorded at this moment');
        continue;
      }
      const most = format(band?.max[index] ?? average);
      const mean = format(average);
      reading.show(most === mean ? mean : rangeText(mean, most));
    }
  }

  /** Makes room for longer readings without moving the chart under the pointer. */
  #point(pointing: boolean): void {
    if (pointing === this.#pointing) return;
    this.#pointing = pointing;
    this.root.style.minHeight = pointing ? `${this.root.offsetHeight}px` : '';
    this.root.classList.toggle('pointing', pointing);
  }
}

/** Mean and maximum, with the unit once when it is the same: `5.3 ≤ 97.0 %`. */
function rangeText(mean: string, most: string): string {
  const unit = / .*$/.exec(most)?.[0] ?? '';
  const short = unit !== '' && mean.endsWith(unit) ? mean.slice(0, -unit.length) : mean;
  return `${short} ≤ ${most}`;
}

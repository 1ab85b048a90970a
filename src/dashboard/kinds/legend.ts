import type { Band } from '../data/buckets.ts';
import { element, setAttribute, setText } from '../view/element.ts';
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

/** Takes a press on an entry: once to show or hide it, twice or with Shift to see it alone. */
export type LegendHand = (label: string, press: 'once' | 'again' | 'alone') => void;

const HOW = 'click to hide or show it, double click or Shift and click to show only this one';

/** What each series is called, how it is drawn, and what it was at the moment pointed at. */
export class Legend {
  readonly root = element('dl', { class: 'legend' });
  readonly entries: readonly LegendEntry[];
  readonly #readings: Reading[] = [];
  readonly #toggles = new Map<string, HTMLElement>();
  readonly #note = element('dd', { class: 'note', hidden: true });
  #pointing = false;

  constructor(entries: readonly LegendEntry[], onPress: LegendHand) {
    this.entries = entries;
    for (const { key, label, color, dash, hint } of entries) {
      const reading = new Reading();
      this.#readings.push(reading);
      const name =
        color === undefined ? label : this.#toggle(label, color, dash !== undefined, hint, onPress);
      this.root.append(
        element(
          'div',
          { title: color === undefined ? hint : undefined, class: color === undefined ? 'extra' : undefined },
          element('dt', {}, name),
          element('dd', { 'data-metric': key }, reading.root),
        ),
      );
    }
    this.root.append(element('div', { class: 'note-row' }, this.#note));
  }

  /** @param reason why a value is not there */
  show(value: (key: string) => number | undefined, reason: (key: string) => string): void {
    this.#point(false);
    this.root.classList.remove('comparing');
    for (const [index, { key, format }] of this.entries.entries()) {
      const number = value(key);
      if (number === undefined) this.#readings[index]!.showAbsent(reason(key));
      else this.#readings[index]!.show(format(number));
    }
  }

  /** The means of what is shown, and how much more that is than at the time it is compared with. */
  showMeans(mean: (key: string) => number | undefined, other: (key: string) => number | undefined): void {
    this.#point(false);
    this.root.classList.add('comparing');
    for (const [index, { key, format }] of this.entries.entries()) {
      const reading = this.#readings[index]!;
      const now = mean(key);
      const then = other(key);
      if (now === undefined) reading.showAbsent('nothing was recorded in what is shown');
      else reading.show(then === undefined ? format(now) : `${format(now)} (${signed(now - then, format)})`);
    }
  }

  /** What the series were within one bucket, and how that differs from the same one of another time. */
  showBucket(
    bands: ReadonlyMap<string, Band>,
    index: number,
    difference: (key: string, mean: number) => number | undefined,
    isPointing: boolean,
  ): void {
    this.#point(isPointing);
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
      const text = most === mean ? mean : rangeText(mean, most);
      const more = difference(key, average);
      reading.show(more === undefined ? text : `${text} (${signed(more, format)})`);
    }
  }

  /**
   * Says how the chart is to be read; undefined when there is nothing to explain.
   *
   * @param hasShade whether the shade of the highest samples is in it
   */
  explain(text: string | undefined, hasShade: boolean): void {
    this.#note.hidden = text === undefined;
    this.#note.classList.toggle('shaded', hasShade);
    if (text !== undefined) setText(this.#note, text);
  }

  /** Strikes out the entries that are not drawn. */
  strike(hidden: ReadonlySet<string>): void {
    for (const [label, toggle] of this.#toggles)
      setAttribute(toggle, 'aria-pressed', String(!hidden.has(label)));
  }

  #toggle(
    label: string,
    color: string,
    isDashed: boolean,
    hint: string | undefined,
    onPress: LegendHand,
  ): HTMLElement {
    const title = hint === undefined ? HOW : `${hint}; ${HOW}`;
    const sign = element('i', { class: `mark ${color}${isDashed ? ' dashed' : ''}` });
    const toggle = element('button', { type: 'button', title, 'aria-pressed': 'true' }, sign, label);
    toggle.addEventListener('click', ({ shiftKey, detail }) =>
      onPress(label, shiftKey ? 'alone' : detail === 2 ? 'again' : 'once'),
    );
    this.#toggles.set(label, toggle);
    return toggle;
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

export function signed(difference: number, format: Format): string {
  const size = format(Math.abs(difference));
  if (size === format(0)) return `±${size}`;
  return `${difference < 0 ? '−' : '+'}${size}`;
}

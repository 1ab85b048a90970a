import type { Buckets } from '../data/buckets.ts';
import { metricKey } from '../data/metric.ts';
import { voidsIn } from '../data/voids.ts';
import { element, setText } from '../view/element.ts';
import type { Range } from '../view/view_state.ts';
import { timeOfDay } from '../words/format.ts';
import type { PanelContext } from './panel.ts';

const SAMPLED = metricKey('sampling', 'interval_ms');

/** Of a stretch; with more of it sampled it is just this chart that has no values there. */
const SAMPLED_SHARE = 0.5;

/** Says in words where a chart has nothing to draw, and why. */
export class VoidNotes {
  readonly #context: PanelContext;
  readonly #overlay: HTMLElement;
  #notes: HTMLElement[] = [];

  /** @param overlay over the chart, as wide as its time */
  constructor(context: PanelContext, overlay: HTMLElement) {
    this.#context = context;
    this.#overlay = overlay;
  }

  tell(buckets: Buckets, keys: readonly string[], range: Range, pixels: number): void {
    const voids = keys.length === 0 ? [] : voidsIn(buckets, keys, range, pixels);
    const told = voids.flatMap((stretch) => {
      const text = this.#reason(stretch, range);
      return text === undefined ? [] : [{ stretch, text }];
    });
    while (this.#notes.length > told.length) this.#notes.pop()?.remove();
    while (this.#notes.length < told.length) {
      const note = element('p', { class: 'void' }, element('span'));
      this.#overlay.prepend(note);
      this.#notes.push(note);
    }
    const span = range.to - range.from;
    for (const [index, { stretch, text }] of told.entries()) {
      const note = this.#notes[index]!;
      // Words that move with time need not do so by every pixel, each of which has to be laid out and painted.
      const digits = this.#context.view.live ? 0 : 2;
      const place = (seconds: number): string => `${((seconds / span) * 100).toFixed(digits)}%`;
      setStyle(note, 'left', place(stretch.from - range.from));
      setStyle(note, 'width', place(stretch.to - stretch.from));
      const words = note.firstElementChild;
      if (words instanceof HTMLElement) setText(words, text);
    }
  }

  #reason({ from, to }: Range, range: Range): string | undefined {
    const { store, timeline, start } = this.#context;
    const distance = Math.max((range.to - range.from) / 500, 1);
    // What has not come yet is no gap.
    if (store.snapshot === undefined || from >= store.now - store.interval * 3) return undefined;
    if (timeline.loading) return 'asking history …';
    if (!store.isRecorded) {
      const first = store.rows.firstTime;
      return from < first
        ? `not recorded (--no-history); shown from ${timeOfDay(first, distance)} on`
        : undefined;
    }
    if (timeline.trouble !== undefined) return timeline.trouble;
    // The first samples after a start have no rates yet: a few samples at the edge are no reason of their own.
    const { times, width, bands } = timeline.known([SAMPLED], { from, to });
    const sampled = bands.get(SAMPLED)?.avg;
    const isSampled = (time: number, index: number): boolean =>
      time > from && time < to && sampled?.[index] != null;
    if (times.filter(isSampled).length * width > (to - from) * SAMPLED_SHARE)
      return 'no value: its collector was off, failed or late';
    const { oldest } = start;
    if (oldest === undefined) return 'nothing recorded';
    if (to > oldest.time + 1 && from >= oldest.time - 1)
      return `nothing recorded from ${timeOfDay(from, distance)} to ${timeOfDay(to, distance)}`;
    const since = timeOfDay(oldest.time, 1);
    return oldest.isRest ? `no longer kept; the oldest is of ${since}` : `recording began ${since}`;
  }
}

function setStyle({ style }: HTMLElement, name: 'left' | 'width', value: string): void {
  if (style[name] !== value) style[name] = value;
}

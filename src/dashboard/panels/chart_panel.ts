import { type Buckets, NO_BUCKETS } from '../data/buckets.ts';
import type { MetricKey } from '../data/metric.ts';
import { Chart, type ChartOptions } from '../drawing/chart.ts';
import { TimeSurface } from '../drawing/time_surface.ts';
import { element, setAttribute } from '../view/element.ts';
import type { Range } from '../view/view_state.ts';
import { reasonFor } from '../words/absence.ts';
import { sourcesInWords } from '../words/sources.ts';
import { Legend, type LegendEntry } from './legend.ts';
import { Panel, type PanelContext, type PanelOptions } from './panel.ts';

export interface ChartPanelOptions extends PanelOptions, Omit<ChartOptions, 'series'> {
  /** The collector whose sources are shown when the title is pointed at. */
  readonly sourcesOf?: string;
  /** Everything with a name; what has a colour is drawn too. */
  readonly entries: readonly LegendEntry[];
}

/** A chart with its legend. */
export class ChartPanel extends Panel {
  protected readonly body = element('div', { class: 'body' });
  readonly #surface: TimeSurface;
  #options: ChartPanelOptions;
  #legend: Legend;
  #chart: Chart;
  #buckets: Buckets = NO_BUCKETS;
  #range: Range = { from: 0, to: 1 };

  constructor(context: PanelContext, options: ChartPanelOptions) {
    super(context, options);
    this.#options = options;
    this.#surface = new TimeSurface(context.view, context.cursor);
    this.#legend = new Legend(options.entries);
    this.#chart = this.#makeChart();
    this.body.append(this.#chart.root);
    this.heading.append(this.#legend.root);
    this.root.append(this.body);
  }

  updateText(): void {
    if (!this.visible) return;
    const { store, cursor, view } = this.context;
    const { share } = cursor;
    this.#tellSources();
    if (share === undefined && view.live) {
      this.#legend.show(
        (key) => store.latest(key as MetricKey),
        (key) => reasonFor(key, store.snapshot),
      );
      return;
    }
    const moment = this.#range.from + (share ?? 1) * (this.#range.to - this.#range.from);
    this.#legend.showBucket(this.#buckets.bands, nearest(this.#buckets, moment));
  }

  /** Shows other series from now on. */
  protected reconsider(changes: Partial<ChartPanelOptions> & Pick<ChartPanelOptions, 'entries'>): void {
    this.#options = { ...this.#options, ...changes };
    const legend = new Legend(changes.entries);
    this.#legend.root.replaceWith(legend.root);
    this.#legend = legend;
    const chart = this.#makeChart();
    this.#chart.root.replaceWith(chart.root);
    this.#chart = chart;
    this.restyle();
  }

  protected override get pixels(): number {
    return this.#chart.pixels;
  }

  protected override resize(): void {
    this.#chart.resize();
  }

  protected override drawChart(range: Range): void {
    const { entries, envelope } = this.#options;
    const keys = entries.map(({ key }) => key);
    if (envelope !== undefined) keys.push(envelope);
    this.#range = range;
    this.#buckets = this.context.timeline.buckets(keys, range, this.pixels);
    this.#chart.draw(this.#buckets, range);
  }

  /** Where the figures come from may change while they are shown: with the pace, or when cores come and go. */
  #tellSources(): void {
    const { sourcesOf, hint = '' } = this.#options;
    const sampling = this.context.store.snapshot?.sampling.collectors[sourcesOf ?? ''];
    const title = this.heading.querySelector('h2');
    if (sampling === undefined || title === null) return;
    setAttribute(title, 'title', [hint, sourcesInWords(sampling)].filter(Boolean).join('\n'));
  }

  #makeChart(): Chart {
    const { entries, ...options } = this.#options;
    const series = entries.flatMap(({ key, color, dash }) =>
      color === undefined ? [] : [{ key, color, ...(dash !== undefined && { dash }) }],
    );
    return new Chart({ ...options, series }, this.context.theme, this.#surface);
  }
}

/** Index of the bucket that holds a moment, or -1 when it is in a gap. */
export function nearest({ times, width }: Buckets, moment: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < moment) low = middle + 1;
    else high = middle;
  }
  const candidates = [low - 1, low].filter((index) => index >= 0 && index < times.length);
  const distance = (index: number): number => Math.abs(times[index]! - moment);
  const best = candidates.sort((a, b) => distance(a) - distance(b))[0];
  return best !== undefined && distance(best) <= width * 1.5 ? best : -1;
}

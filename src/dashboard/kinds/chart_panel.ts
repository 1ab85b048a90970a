import { meanOf } from '../controls/comparison.ts';
import { HiddenSeries } from '../controls/hidden_series.ts';
import { ValueScale } from '../controls/value_scale.ts';
import { type Buckets, NO_BUCKETS } from '../data/buckets.ts';
import type { MetricKey } from '../data/metric.ts';
import { Chart, type ChartOptions } from '../drawing/chart.ts';
import { TimeSurface, type ValueHand } from '../drawing/time_surface.ts';
import { TimeMarks } from '../happenings/time_marks.ts';
import { csvOf } from '../saving/csv.ts';
import { button, element, setAttribute } from '../view/element.ts';
import type { Range } from '../view/view_state.ts';
import { isoTime } from '../view/zone.ts';
import { reasonFor } from '../words/absence.ts';
import { span } from '../words/format.ts';
import { sourcesInWords } from '../words/sources.ts';
import { Legend, type LegendEntry } from './legend.ts';
import { Panel, type PanelContext, type PanelOptions } from './panel.ts';
import { VoidNotes } from './void_notes.ts';

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
  readonly #voids: VoidNotes;
  readonly #marks: TimeMarks;
  readonly #hidden: HiddenSeries;
  readonly #scale: ValueScale;
  readonly #hand: ValueHand;
  readonly #auto: HTMLButtonElement;
  #options: ChartPanelOptions;
  #legend: Legend;
  #chart: Chart;
  #buckets: Buckets = NO_BUCKETS;
  #compared: Buckets | undefined;
  #range: Range = { from: 0, to: 1 };
  #choices = '';

  constructor(context: PanelContext, options: ChartPanelOptions) {
    super(context, options);
    const { view, cursor } = context;
    this.#options = options;
    this.#hidden = new HiddenSeries(view, options.id);
    this.#scale = new ValueScale(view, options.id);
    this.#hand = { select: (from, to) => this.#scale.zoom(this.#chart.values, from, to) };
    this.#surface = new TimeSurface(view, cursor, this.#hand);
    this.#voids = new VoidNotes(context, this.#surface.overlay);
    this.#marks = new TimeMarks(context, this.#surface.overlay);
    this.#auto = button('↕', `Fit the scale of ${options.title} to the values in sight, or back`, () =>
      this.#scale.choose(this.#scale.chosen === undefined ? 'auto' : undefined),
    );
    this.tools.prepend(this.#auto);
    this.#legend = this.#makeLegend();
    this.#chart = this.#makeChart();
    this.body.append(this.#chart.root);
    this.heading.append(this.#legend.root);
    this.root.append(this.body);
    this.offerSaving(true, () => this.#csv());
    this.#follow();
    view.onChange(() => this.#follow());
  }

  updateText(): void {
    if (!this.visible) return;
    const { store, cursor, view } = this.context;
    const { share } = cursor;
    this.#tellSources();
    this.#explain();
    this.#voids.tell(this.#buckets, this.keys, this.#range, this.pixels);
    if (share === undefined && this.#compared !== undefined) {
      this.#legend.showMeans(
        (key) => meanOf(this.#buckets, key, this.#range),
        (key) => meanOf(this.#compared ?? NO_BUCKETS, key, this.#range),
      );
      return;
    }
    if (share === undefined && view.live) {
      this.#legend.show(
        (key) => store.latest(key as MetricKey),
        (key) => reasonFor(key, store.snapshot),
      );
      return;
    }
    const moment = this.#range.from + (share ?? 1) * (this.#range.to - this.#range.from);
    const index = nearest(this.#buckets, moment);
    const compared = this.#compared;
    const then = compared === undefined ? -1 : nearest(compared, moment);
    const difference = (key: string, mean: number): number | undefined => {
      const other = compared?.bands.get(key)?.avg[then];
      return other == null ? undefined : mean - other;
    };
    this.#legend.showBucket(this.#buckets.bands, index, difference, share !== undefined);
  }

  override get keys(): readonly string[] {
    return this.#drawn().map(({ key }) => key);
  }

  /** Shows other series from now on. */
  protected reconsider(changes: Partial<ChartPanelOptions> & Pick<ChartPanelOptions, 'entries'>): void {
    this.#options = { ...this.#options, ...changes };
    const legend = this.#makeLegend();
    this.#legend.root.replaceWith(legend.root);
    this.#legend = legend;
    this.#replaceChart();
  }

  protected override get pixels(): number {
    return this.#chart.pixels;
  }

  protected override resize(): void {
    this.#chart.resize();
  }

  protected override drawChart(range: Range): void {
    const { entries } = this.#options;
    const keys = entries.map(({ key }) => key);
    const envelope = this.#envelope();
    if (envelope !== undefined && !keys.includes(envelope)) keys.push(envelope);
    this.#range = range;
    this.#buckets = this.context.timeline.buckets(keys, range, this.pixels, this.context.view.live);
    this.#compared = this.context.comparison.buckets(keys, range, this.pixels, this.context.view.live);
    this.#chart.draw(this.#buckets, { range, values: this.#scale.chosen, compared: this.#compared });
    this.#marks.show(range);
  }

  /** Does what the address says of this panel. */
  #follow(): void {
    const { labels } = this.#hidden;
    const { chosen } = this.#scale;
    setAttribute(this.#auto, 'aria-pressed', String(chosen !== undefined));
    const choices = [...labels].join('\n');
    if (choices === this.#choices) return;
    this.#choices = choices;
    this.#legend.strike(labels);
    this.#replaceChart();
  }

  /** The columns within sight: time, and of each series the lowest, the mean and the highest sample. */
  #csv(): string {
    const { times, bands } = this.#buckets;
    const { from, to } = this.#range;
    const drawn = this.#drawn();
    const heads = drawn.flatMap(({ label }) =>
      ['lowest', 'mean', 'highest'].map((side) => `${label} ${side}`),
    );
    const rows = times.flatMap((time, index) => {
      const values = drawn.flatMap(({ key }) => {
        const band = bands.get(key);
        return [band?.min[index], band?.avg[index], band?.max[index]].map((value) => value ?? null);
      });
      const isSeen = time >= from && time <= to && values.some((value) => value !== null);
      return isSeen ? [[isoTime(time), ...values]] : [];
    });
    return csvOf({ columns: ['timestamp', ...heads].map((name) => ({ name, type: '' })), rows });
  }

  #replaceChart(): void {
    const chart = this.#makeChart();
    this.#chart.root.replaceWith(chart.root);
    this.#chart = chart;
    this.restyle();
  }

  #makeLegend(): Legend {
    const { entries } = this.#options;
    const all = entries.flatMap(({ label, color }) => (color === undefined ? [] : [label]));
    const legend = new Legend(entries, (label, press) => this.#hidden.press(label, press, all));
    legend.strike(this.#hidden.labels);
    return legend;
  }

  #drawn(): LegendEntry[] {
    const { labels } = this.#hidden;
    return this.#options.entries.filter(({ label, color }) => color !== undefined && !labels.has(label));
  }

  /** Of layers that are not all there, no highest sample is known; of one that is alone it is its own. */
  #envelope(): string | undefined {
    const { kind, envelope, entries } = this.#options;
    if (kind !== 'stacked') return envelope;
    const drawn = this.#drawn();
    if (drawn.length === 1) return drawn[0]?.key;
    const isWhole = drawn.length === entries.filter(({ color }) => color !== undefined).length;
    return isWhole ? envelope : undefined;
  }

  /** Says what the columns of the chart stand for, where they stand for more than a sample. */
  #explain(): void {
    const { kind } = this.#options;
    const { width, times } = this.#buckets;
    const isThinned = this.context.timeline.isThinned(width);
    const said: string[] = [];
    let hasShade = false;
    if (times.length > 0 && isThinned) {
      hasShade = kind === 'stacked' && this.#envelope() !== undefined;
      const shade = kind === 'lines' ? ', shaded lowest to highest' : '';
      const peaks = hasShade ? ', shaded up to the highest, dots at the lowest' : '';
      said.push(`mean ≤ highest of ${span(width)}${shade}${peaks}`);
    }
    const { shift, trouble } = this.context.comparison;
    if (shift !== undefined) {
      const drawn = kind === 'lines' ? 'dotted' : 'dotted: usage';
      const isPointing = this.context.cursor.share !== undefined;
      const what = isPointing ? 'in brackets the difference' : 'means, in brackets the difference';
      said.push(trouble ?? `${drawn} ${span(shift)} earlier; ${what}`);
    }
    this.#legend.explain(said.length === 0 ? undefined : said.join(' · '), hasShade);
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
    const { entries: _, envelope: __, ...options } = this.#options;
    const series = this.#drawn().map(({ key, color = 'text', dash }) => ({
      key,
      color,
      ...(dash !== undefined && { dash }),
    }));
    const envelope = this.#envelope();
    const made = { ...options, series, ...(envelope !== undefined && { envelope }) };
    const reset = (): void => this.#scale.choose(undefined);
    return new Chart(made, this.context.theme, this.#surface, this.#hand, reset);
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

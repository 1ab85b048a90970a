import uPlot from 'uplot';
import { type Band, type Buckets, NO_BUCKETS, type Values } from '../data/buckets.ts';
import type { Range } from '../view/view_state.ts';
import { type Format, moment, timeOfDay } from '../words/format.ts';
import { linePaths, type Placement } from './line_path.ts';
import { axisEnd, hasRoom, timeMarks, timeStep } from './scale.ts';
import { StackImage } from './stack_image.ts';
import type { Theme } from './theme.ts';
import type { TimeSurface, ValueHand } from './time_surface.ts';
import { ValueAxis } from './value_axis.ts';
import { fitted, highestOf, highestStackOf, lowestOf, type ValueRange, valueLabels } from './value_range.ts';

export interface ChartSeries {
  readonly key: string;
  /** A custom property of the style sheet. */
  readonly color: string;
  /** Dashes tell lines apart where colours do not. */
  readonly dash?: readonly number[];
}

export interface ChartOptions {
  /** Lines with a band from minimum to maximum, or areas that add up. */
  readonly kind: 'lines' | 'stacked';
  readonly series: readonly ChartSeries[];
  readonly format: Format;
  /** For areas: the series whose highest and lowest samples are marked, so that no spike is averaged away. */
  readonly envelope?: string;
  /** Fixed end of the axis, such as 100 for percentages. */
  readonly end?: () => number | undefined;
  /** The axis never ends below this. */
  readonly leastEnd?: number;
  readonly binary?: boolean;
}

/** What a chart is to show besides its buckets. */
export interface Shown {
  readonly range: Range;
  /** `auto` fits the values in sight; undefined is the chart's own axis, from zero. */
  readonly values?: ValueRange | 'auto' | undefined;
  /** The same series at another time, moved here, drawn as thin lines. */
  readonly compared?: Buckets | undefined;
}

const RIGHT_PX = 8;
/** Room for a mark of time, in heights of its font. */
const MARK_EM = 8.4;
/** Room above a chart for half of its uppermost label. */
const TOP_EM = 0.6;
const COMPARED_DASH = [2, 3];

/** Draws bands over time with uPlot. It draws when told to, and takes no input: the surface above it does. */
export class Chart {
  readonly root = document.createElement('div');
  readonly #options: ChartOptions;
  readonly #theme: Theme;
  readonly #surface: TimeSurface;
  readonly #axis: ValueAxis | undefined;
  #plot: uPlot | undefined;
  #stack: StackImage | undefined;
  #buckets: Buckets = NO_BUCKETS;
  #bands: readonly Band[] = [];
  #compared: Buckets | undefined;
  #range: Range = { from: 0, to: 1 };
  #values: ValueRange = { from: 0, to: 1 };
  #pixels = 50;
  /** The buckets within sight. */
  #first = 0;
  #last = -1;

  /** @param onResetValues asked for the whole scale again */
  constructor(
    options: ChartOptions,
    theme: Theme,
    surface: TimeSurface,
    hand?: ValueHand,
    onResetValues: () => void = () => {},
  ) {
    this.#options = options;
    this.#theme = theme;
    this.#surface = surface;
    this.root.className = 'chart';
    this.root.append(surface.root);
    if (hand !== undefined) {
      this.#axis = new ValueAxis(hand, onResetValues);
      this.root.append(this.#axis.root);
    }
  }

  /** Columns of pixels there are for time. */
  get pixels(): number {
    return this.#pixels;
  }

  /** The values at the lower and the upper edge as they are drawn. */
  get values(): ValueRange {
    return this.#values;
  }

  /** Takes the size of its element; to be called when that has changed, or the colours. */
  resize(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#stack = undefined;
    const width = this.root.clientWidth;
    const height = this.root.clientHeight;
    if (width < 80 || height < 40) return;
    this.#pixels = width - this.#theme.pixels('axis-width') - RIGHT_PX;
    this.#plot = this.#make(width, height);
    const left = this.#theme.pixels('axis-width');
    const top = this.#top;
    const inner = height - top - this.#theme.pixels('axis-height');
    this.#surface.place(left, top, this.#pixels, inner);
    this.#axis?.place(left, top, inner);
  }

  draw(buckets: Buckets, { range, values, compared }: Shown): void {
    const plot = this.#plot;
    if (plot === undefined) return;
    const { series } = this.#options;
    const { times, width } = buckets;
    this.#buckets = buckets;
    this.#bands = series.map(({ key }) => buckets.bands.get(key) ?? nothing(times.length));
    this.#range = range;
    // One bucket more on either side, for the line that leads out of sight.
    const first = times.findIndex((time) => time >= range.from - width);
    this.#first = first === -1 ? times.length : first;
    this.#last = times.findLastIndex((time) => time <= range.to + width);
    this.#compared = compared;
    this.#values = typeof values === 'object' ? values : this.#ownValues(values === 'auto');
    plot.batch(() => {
      plot.setData([times, ...this.#bands.map(({ avg }) => avg)], false);
      plot.setScale('x', { min: range.from, max: range.to });
      plot.setScale('y', { min: this.#values.from, max: this.#values.to });
    });
  }

  #make(width: number, height: number): uPlot {
    const { series, format } = this.#options;
    const color = (name: string): string => this.#theme.color(name);
    const grid = { stroke: color('grid'), width: 1 };
    const axis = {
      stroke: color('text-faint'),
      font: this.#theme.axisFont,
      grid,
      ticks: { show: false },
    };
    return new uPlot(
      {
        width,
        height,
        padding: [this.#top, RIGHT_PX, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, auto: false },
          // By itself it leaves room above where nothing is drawn: to 110 %.
          y: { auto: false, range: () => [this.#values.from, this.#values.to] },
        },
        axes: [
          {
            ...axis,
            size: this.#theme.pixels('axis-height'),
            gap: 3,
            splits: (_plot, _index, from, to) => timeMarks(from, to, this.#timeStep()),
            values: (_plot, marks) => marks.map((mark) => this.#timeLabel(mark)),
          },
          {
            ...axis,
            size: this.#theme.pixels('axis-width'),
            gap: 6,
            splits: (_plot, _index, from, to) => [from, (from + to) / 2, to],
            values: (_plot, marks) => valueLabels(marks, format),
          },
        ],
        hooks: {
          drawAxes: [(plot: uPlot) => this.#drawStack(plot)],
          draw: [(plot: uPlot) => this.#drawCompared(plot)],
        },
        series: [
          {},
          ...series.map((one, index) => ({
            stroke: color(one.color),
            fill: translucent(color(one.color)),
            // Wider lines cost many times as much where the browser draws without a graphics card.
            width: 1,
            ...(one.dash !== undefined && { dash: [...one.dash] }),
            points: { show: false },
            paths: (plot: uPlot) => this.#paths(plot, index),
          })),
        ],
      },
      [[], ...series.map(() => [])],
      this.root,
    );
  }

  get #top(): number {
    return Math.ceil(TOP_EM * this.#theme.pixels('axis-font-size'));
  }

  #timeStep(): number {
    const { from, to } = this.#range;
    return timeStep(to - from, this.pixels / (MARK_EM * this.#theme.pixels('axis-font-size')));
  }

  #timeLabel(mark: number): string {
    const { from, to } = this.#range;
    if (!hasRoom(mark, to, (to - from) / this.#pixels, this.#theme.pixels('axis-font-size'))) return '';
    const step = this.#timeStep();
    return step >= 86_400 ? moment(mark, 3600).split(' ').slice(0, 2).join(' ') : timeOfDay(mark, step);
  }

  #paths(plot: uPlot, index: number): uPlot.Series.Paths | null {
    const band = this.#bands[index];
    if (band === undefined || this.#options.kind === 'stacked') return null;
    const place = this.#placement(plot);
    const { stroke, fill } = linePaths(this.#buckets.times, band, this.#first, this.#last, place);
    return { stroke, fill, clip: null, band: null, gaps: [] };
  }

  #placement({ bbox: { left, top, width, height } }: uPlot): Placement {
    const { from, to } = this.#range;
    const perUnit = height / (this.#values.to - this.#values.from);
    const zero = top + height + this.#values.from * perUnit;
    return { left, bottom: zero, from, perSecond: width / (to - from), perUnit };
  }

  /** Means only: what is compared lies over what is shown and must not hide it. */
  #drawCompared(plot: uPlot): void {
    const compared = this.#compared;
    if (compared === undefined) return;
    const { series, kind, envelope } = this.#options;
    const { ctx, bbox } = plot;
    const lines =
      kind === 'lines' ? series : envelope === undefined ? [] : [{ key: envelope, color: 'text' }];
    const place = this.#placement(plot);
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.setLineDash(COMPARED_DASH.map((length) => length * devicePixelRatio));
    ctx.lineWidth = devicePixelRatio;
    for (const { key, color } of lines) {
      const avg = compared.bands.get(key)?.avg;
      if (avg === undefined) continue;
      const { stroke } = linePaths(
        compared.times,
        { min: avg, avg, max: avg },
        0,
        compared.times.length - 1,
        place,
      );
      ctx.strokeStyle = this.#theme.color(color);
      ctx.stroke(stroke);
    }
    ctx.restore();
  }

  #drawStack({ ctx, bbox }: uPlot): void {
    if (this.#options.kind !== 'stacked') return;
    const { series, envelope } = this.#options;
    const width = Math.round(bbox.width / devicePixelRatio);
    if (this.#stack?.canvas.width !== width || this.#stack.canvas.height !== bbox.height) {
      const color = (name: string): string => this.#theme.color(name);
      const layers = series.map((one) => color(one.color));
      const colors = { layers, peak: translucent(color('text-faint')), low: color('text') };
      this.#stack = new StackImage(width, bbox.height, colors);
    }
    const peaks = envelope === undefined ? undefined : this.#buckets.bands.get(envelope);
    this.#stack.paint(this.#buckets, this.#bands, peaks, this.#range, this.#values);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.#stack.canvas, bbox.left, bbox.top, bbox.width, bbox.height);
  }

  /** From zero to what the options say, or just what is in sight. */
  #ownValues(isAuto: boolean): ValueRange {
    const { end, binary = false, leastEnd = 0, kind, envelope = '' } = this.#options;
    const fixed = isAuto ? undefined : end?.();
    if (fixed !== undefined) return { from: 0, to: fixed };
    const [first, last] = [this.#first, this.#last];
    const peaks = this.#buckets.bands.get(envelope);
    const highest =
      kind === 'lines'
        ? highestOf(this.#bands, first, last)
        : highestStackOf(this.#bands, peaks, first, last);
    if (!isAuto) return { from: 0, to: axisEnd(highest, binary, leastEnd) };
    // What lies on top of each other is told by its height, and has to stand on zero.
    return fitted(kind === 'stacked' ? 0 : lowestOf(this.#bands, first, last, highest), highest);
  }
}

function nothing(length: number): Band {
  const values: Values = new Array(length).fill(null);
  return { min: values, avg: values, max: values };
}

/** The same colour as a veil: bands must not hide what lies behind them. */
function translucent(color: string): string {
  return `color-mix(in srgb, ${color} 28%, transparent)`;
}

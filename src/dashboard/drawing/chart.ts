import uPlot from 'uplot';
import { type Band, type Buckets, NO_BUCKETS, type Values } from '../data/buckets.ts';
import type { Range } from '../view/view_state.ts';
import { type Format, moment, timeOfDay } from '../words/format.ts';
import { linePaths } from './line_path.ts';
import { axisEnd, hasRoom, timeMarks, timeStep } from './scale.ts';
import { StackImage } from './stack_image.ts';
import type { Theme } from './theme.ts';
import type { TimeSurface } from './time_surface.ts';

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

const RIGHT_PX = 8;
const TOP_PX = 6;
const MARK_PX = 84;

/** Draws bands over time with uPlot. It draws when told to, and takes no input: the surface above it does. */
export class Chart {
  readonly root = document.createElement('div');
  readonly #options: ChartOptions;
  readonly #theme: Theme;
  readonly #surface: TimeSurface;
  #plot: uPlot | undefined;
  #stack: StackImage | undefined;
  #buckets: Buckets = NO_BUCKETS;
  #bands: readonly Band[] = [];
  #range: Range = { from: 0, to: 1 };
  #end = 1;
  #pixels = 50;
  /** The buckets within sight. */
  #first = 0;
  #last = -1;

  constructor(options: ChartOptions, theme: Theme, surface: TimeSurface) {
    this.#options = options;
    this.#theme = theme;
    this.#surface = surface;
    this.root.className = 'chart';
    this.root.append(surface.root);
  }

  /** Columns of pixels there are for time. */
  get pixels(): number {
    return this.#pixels;
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
    this.#surface.place(
      this.#theme.pixels('axis-width'),
      TOP_PX,
      this.#pixels,
      height - TOP_PX - this.#theme.pixels('axis-height'),
    );
  }

  draw(buckets: Buckets, range: Range): void {
    const plot = this.#plot;
    if (plot === undefined) return;
    const { series, end, binary = false, leastEnd = 0 } = this.#options;
    const { times, width } = buckets;
    this.#buckets = buckets;
    this.#bands = series.map(({ key }) => buckets.bands.get(key) ?? nothing(times.length));
    this.#range = range;
    // One bucket more on either side, for the line that leads out of sight.
    const first = times.findIndex((time) => time >= range.from - width);
    this.#first = first === -1 ? times.length : first;
    this.#last = times.findLastIndex((time) => time <= range.to + width);
    this.#end = end?.() ?? axisEnd(this.#highest(), binary, leastEnd);
    plot.batch(() => {
      plot.setData([times, ...this.#bands.map(({ avg }) => avg)], false);
      plot.setScale('x', { min: range.from, max: range.to });
      plot.setScale('y', { min: 0, max: this.#end });
    });
  }

  #make(width: number, height: number): uPlot {
    const { series, format } = this.#options;
    const color = (name: string): string => this.#theme.color(name);
    const grid = { stroke: color('grid'), width: 1 };
    const axis = {
      stroke: color('text-faint'),
      font: this.#theme.value('axis-font'),
      grid,
      ticks: { show: false },
    };
    return new uPlot(
      {
        width,
        height,
        padding: [TOP_PX, RIGHT_PX, 0, 0],
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, auto: false },
          // By itself it leaves room above where nothing is drawn: to 110 %.
          y: { auto: false, range: () => [0, this.#end] },
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
            values: (_plot, marks) => marks.map((mark) => format(mark)),
          },
        ],
        hooks: { drawAxes: [(plot: uPlot) => this.#drawStack(plot)] },
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

  #timeStep(): number {
    const { from, to } = this.#range;
    return timeStep(to - from, this.pixels / MARK_PX);
  }

  #timeLabel(mark: number): string {
    const { from, to } = this.#range;
    if (!hasRoom(mark, to, (to - from) / this.#pixels)) return '';
    const step = this.#timeStep();
    return step >= 86_400 ? moment(mark, 3600).split(' ').slice(0, 2).join(' ') : timeOfDay(mark, step);
  }

  #paths(plot: uPlot, index: number): uPlot.Series.Paths | null {
    const band = this.#bands[index];
    if (band === undefined || this.#options.kind === 'stacked') return null;
    const { left, top, width, height } = plot.bbox;
    const { from, to } = this.#range;
    const place = {
      left,
      bottom: top + height,
      from,
      perSecond: width / (to - from),
      perUnit: height / this.#end,
    };
    const { stroke, fill } = linePaths(this.#buckets.times, band, this.#first, this.#last, place);
    return { stroke, fill, clip: null, band: null, gaps: [] };
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
    this.#stack.paint(this.#buckets, this.#bands, peaks, this.#range, this.#end);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.#stack.canvas, bbox.left, bbox.top, bbox.width, bbox.height);
  }

  #highest(): number {
    let most = 0;
    for (const { max } of this.#bands) {
      for (let i = this.#first; i <= this.#last; i++) most = Math.max(most, max[i] ?? 0);
    }
    return most;
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

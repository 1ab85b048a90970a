import { type Buckets, columnsOfBucket } from '../data/buckets.ts';
import type { Range } from '../view/view_state.ts';
import { timeOfDay } from '../words/format.ts';
import { hasRoom, timeMarks, timeStep } from './scale.ts';
import type { Theme } from './theme.ts';
import type { TimeSurface } from './time_surface.ts';

const RIGHT_PX = 8;
const TOP_PX = 6;
/** Room for a mark of time, in heights of its font. */
const MARK_EM = 8.4;
const ROW_LABEL_PX = 14;
const SHADES = 64;

/** What rows are, for those who cannot see them; rows without numbers have their names beside the map. */
export interface HeatMapWords {
  readonly label: string;
  readonly areRowsNumbered: boolean;
}

const OF_CORES: HeatMapWords = { label: 'Usage of every core over time', areRowsNumbered: true };

/** Rows of cells over time: one pixel of an image each, stretched over the canvas in one go. */
export class HeatMap {
  readonly root = document.createElement('div');
  readonly #canvas = document.createElement('canvas');
  readonly #cells = document.createElement('canvas');
  readonly #context = this.#canvas.getContext('2d')!;
  readonly #cellsContext = this.#cells.getContext('2d')!;
  readonly #theme: Theme;
  readonly #surface: TimeSurface;
  readonly #areRowsNumbered: boolean;
  #image: ImageData | undefined;
  #shades: Uint32Array | undefined;
  #rows = 0;
  #pixels = 50;

  constructor(theme: Theme, surface: TimeSurface, words = OF_CORES) {
    this.#theme = theme;
    this.#areRowsNumbered = words.areRowsNumbered;
    this.#surface = surface;
    this.root.className = 'chart';
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', words.label);
    this.root.append(this.#canvas, surface.root);
  }

  /** Columns of pixels there are for time. */
  get pixels(): number {
    return this.#pixels;
  }

  /** Calls with the row under the pointer, or undefined when it left. */
  onPoint(listener: (row: number | undefined) => void): void {
    const { root } = this.#surface;
    root.addEventListener('pointermove', (event) => {
      const { top, height } = root.getBoundingClientRect();
      const row = Math.floor(((event.clientY - top) / height) * this.#rows);
      listener(row >= 0 && row < this.#rows ? row : undefined);
    });
    root.addEventListener('pointerleave', () => listener(undefined));
  }

  /** Takes the size of its element, and the colours. */
  resize(): void {
    const { clientWidth, clientHeight } = this.root;
    const ratio = devicePixelRatio;
    this.#pixels = Math.max(clientWidth - this.#theme.pixels('axis-width') - RIGHT_PX, 50);
    this.#canvas.width = Math.round(clientWidth * ratio);
    this.#canvas.height = Math.round(clientHeight * ratio);
    this.#canvas.style.width = `${clientWidth}px`;
    this.#canvas.style.height = `${clientHeight}px`;
    this.#shades = undefined;
    this.#surface.place(
      this.#theme.pixels('axis-width'),
      TOP_PX,
      this.pixels,
      clientHeight - TOP_PX - this.#theme.pixels('axis-height'),
    );
  }

  /** @param keys a series for each row, first on top */
  draw(buckets: Buckets, keys: readonly string[], side: 'avg' | 'max', range: Range): void {
    const context = this.#context;
    const ratio = devicePixelRatio;
    const width = this.pixels;
    const height = this.#canvas.height / ratio - TOP_PX - this.#theme.pixels('axis-height');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#rows = keys.length;
    this.#paint(buckets, keys, side, range, Math.round(width));
    if (keys.length > 0) {
      context.imageSmoothingEnabled = false;
      context.drawImage(this.#cells, this.#theme.pixels('axis-width'), TOP_PX, width, height);
    }
    this.#axes(context, width, height, range);
  }

  /** Fills one pixel for each row and column of the screen. */
  #paint(
    buckets: Buckets,
    keys: readonly string[],
    side: 'avg' | 'max',
    range: Range,
    columns: number,
  ): void {
    const rows = Math.max(keys.length, 1);
    if (this.#image?.width !== columns || this.#image.height !== rows) {
      this.#cells.width = columns;
      this.#cells.height = rows;
      this.#image = new ImageData(columns, rows);
    }
    const image = this.#image;
    const cells = new Uint32Array(image.data.buffer);
    const shades = this.#shadesNow();
    cells.fill(0);
    const perSecond = columns / (range.to - range.from);
    const { times } = buckets;
    const bands = keys.map((key) => buckets.bands.get(key)?.[side]);
    for (let index = 0; index < times.length; index++) {
      const [first, last] = columnsOfBucket(buckets, index, range.from, perSecond, columns);
      for (let row = 0; row < bands.length; row++) {
        const value = bands[row]?.[index];
        if (value == null) continue;
        const shade = shades[Math.min(Math.round((value / 100) * (SHADES - 1)), SHADES - 1)]!;
        const offset = row * columns;
        for (let column = first; column < last; column++) cells[offset + column] = shade;
      }
    }
    this.#cellsContext.putImageData(image, 0, 0);
  }

  #axes(context: CanvasRenderingContext2D, width: number, height: number, range: Range): void {
    context.fillStyle = this.#theme.color('text-faint');
    context.font = this.#theme.axisFont;
    context.textAlign = 'center';
    context.textBaseline = 'top';
    const step = timeStep(range.to - range.from, width / (MARK_EM * this.#theme.pixels('axis-font-size')));
    for (const mark of timeMarks(range.from, range.to, step)) {
      if (!hasRoom(mark, range.to, (range.to - range.from) / width, this.#theme.pixels('axis-font-size')))
        continue;
      const x = this.#theme.pixels('axis-width') + ((mark - range.from) / (range.to - range.from)) * width;
      context.fillText(timeOfDay(mark, step), x, TOP_PX + height + 4);
    }
    if (!this.#areRowsNumbered) return;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const rowPx = height / Math.max(this.#rows, 1);
    const every = 2 ** Math.ceil(Math.log2(Math.max(ROW_LABEL_PX / rowPx, 1)));
    for (let row = 0; row < this.#rows; row += every) {
      context.fillText(String(row), this.#theme.pixels('axis-width') - 6, TOP_PX + (row + 0.5) * rowPx);
    }
  }

  /** From idle to busy, in the byte order of an image. */
  #shadesNow(): Uint32Array {
    if (this.#shades !== undefined) return this.#shades;
    const probe = document.createElement('canvas');
    probe.width = SHADES;
    probe.height = 1;
    const context = probe.getContext('2d', { willReadFrequently: true })!;
    const ramp = context.createLinearGradient(0, 0, SHADES, 0);
    const stops = ['heat-0', 'heat-1', 'heat-2', 'heat-3'];
    for (const [index, stop] of stops.entries()) {
      ramp.addColorStop(index / (stops.length - 1), this.#theme.color(stop));
    }
    context.fillStyle = ramp;
    context.fillRect(0, 0, SHADES, 1);
    this.#shades = new Uint32Array(context.getImageData(0, 0, SHADES, 1).data.buffer);
    return this.#shades;
  }
}

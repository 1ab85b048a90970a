import { element } from '../view/element.ts';
import type { SharedCursor } from '../view/shared_cursor.ts';
import type { ViewState } from '../view/view_state.ts';

/** A drag shorter than this is a click. */
const CLICK_PX = 4;
const WHEEL_ZOOM = 0.0015;

/** A wheel that has been still for so long has stopped: what it did is one step. */
const WHEEL_REST_MS = 400;

/** Takes values instead of time, as shares of the height from below. */
export interface ValueHand {
  select(from: number, to: number): void;
}

/**
 * The part of a chart whose width is time: shows the shared cursor and takes the viewer's hand. Drag selects a
 * stretch to zoom into, with Alt a range of values; drag with Shift, or a finger, moves through time; two fingers or
 * Ctrl and the wheel zoom. A click keeps the cursor where it is.
 */
export class TimeSurface {
  readonly root: HTMLElement;
  readonly #view: ViewState;
  readonly #cursor: SharedCursor;
  /** What lies over the chart at its own times, below the cursor: marks, and words for what is missing. */
  readonly overlay = element('div', { class: 'overlay' });
  readonly #hair = element('div', { class: 'hair', hidden: true });
  readonly #values: ValueHand | undefined;
  readonly #selection = element('div', { class: 'selection', hidden: true });
  readonly #pointers = new Map<number, number>();
  #drag:
    | {
        readonly kind: 'select' | 'values' | 'pan';
        readonly startX: number;
        readonly startY: number;
        lastX: number;
      }
    | undefined;
  #pinch = 0;
  #wheelRest: ReturnType<typeof setTimeout> | undefined;

  constructor(view: ViewState, cursor: SharedCursor, values?: ValueHand) {
    this.#view = view;
    this.#cursor = cursor;
    this.#values = values;
    this.root = element('div', { class: 'surface' }, this.overlay, this.#selection, this.#hair);
    cursor.onMove(() => this.#place());
    this.#place();
    const { root } = this;
    root.addEventListener('pointerdown', (event) => this.#down(event));
    root.addEventListener('pointermove', (event) => this.#move(event));
    root.addEventListener('pointerup', (event) => this.#up(event));
    root.addEventListener('pointercancel', (event) => this.#cancel(event));
    root.addEventListener('pointerleave', () => {
      if (this.#drag === undefined) this.#cursor.move(undefined);
    });
    root.addEventListener('dblclick', (event) => this.#view.zoom(2, this.#timeAt(event.clientX)));
    root.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** Where the plotting area lies within its parent, in CSS pixels. */
  place(left: number, top: number, width: number, height: number): void {
    const { style } = this.root;
    style.left = `${left}px`;
    style.top = `${top}px`;
    style.width = `${width}px`;
    style.height = `${height}px`;
  }

  #place(): void {
    const { share } = this.#cursor;
    this.#hair.hidden = share === undefined;
    if (share !== undefined) this.#hair.style.left = `${share * 100}%`;
  }

  #shareAt(clientX: number): number {
    const { left, width } = this.root.getBoundingClientRect();
    return Math.min(Math.max((clientX - left) / width, 0), 1);
  }

  #timeAt(clientX: number): number {
    const { from, to } = this.#view.range;
    return from + this.#shareAt(clientX) * (to - from);
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.root.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, event.clientX);
    this.#view.hold();
    if (this.#pointers.size === 2) {
      this.#drag = undefined;
      this.#pinch = this.#pinchWidth();
      return;
    }
    const pan = event.shiftKey || event.pointerType === 'touch';
    const kind = pan ? 'pan' : event.altKey && this.#values !== undefined ? 'values' : 'select';
    this.#drag = { kind, startX: event.clientX, startY: event.clientY, lastX: event.clientX };
    this.#cursor.move(this.#shareAt(event.clientX));
  }

  #move(event: PointerEvent): void {
    this.#cursor.move(this.#shareAt(event.clientX));
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, event.clientX);
    if (this.#pointers.size === 2) {
      const width = this.#pinchWidth();
      if (Math.abs(width - this.#pinch) < CLICK_PX) return;
      const [a = 0, b = 0] = this.#pointers.values();
      this.#view.zoom(this.#pinch / width, this.#timeAt((a + b) / 2));
      this.#pinch = width;
      return;
    }
    const drag = this.#drag;
    if (drag === undefined || isClick(drag, event)) return;
    if (drag.kind === 'pan') {
      this.#view.pan((drag.lastX - event.clientX) / this.root.clientWidth);
      drag.lastX = event.clientX;
      return;
    }
    this.#selection.hidden = false;
    const { style } = this.#selection;
    if (drag.kind === 'values') {
      const [from, to] = this.#selectedValues(drag.startY, event.clientY);
      Object.assign(style, { left: '0', width: '100%', bottom: `${from * 100}%`, top: `${(1 - to) * 100}%` });
      return;
    }
    const [from, to] = this.#selected(drag.startX, event.clientX);
    Object.assign(style, { left: `${from * 100}%`, width: `${(to - from) * 100}%`, bottom: '0', top: '0' });
  }

  #up(event: PointerEvent): void {
    const drag = this.#drag;
    this.#cancel(event);
    if (drag === undefined) return;
    if (isClick(drag, event)) {
      if (drag.kind === 'select') this.#cursor.keep(this.#timeAt(event.clientX), this.root.clientWidth);
    } else if (drag.kind === 'values') {
      this.#values?.select(...this.#selectedValues(drag.startY, event.clientY));
    } else if (drag.kind === 'select') {
      const { from, to } = this.#view.range;
      const [first, last] = this.#selected(drag.startX, event.clientX);
      this.#view.show({ from: from + first * (to - from), to: from + last * (to - from) });
    }
  }

  #cancel(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#pointers.size === 0) this.#view.release();
    this.#drag = undefined;
    this.#selection.hidden = true;
    if (event.pointerType === 'touch') this.#cursor.move(undefined);
  }

  #selected(startX: number, endX: number): [from: number, to: number] {
    const a = this.#shareAt(startX);
    const b = this.#shareAt(endX);
    return a < b ? [a, b] : [b, a];
  }

  #selectedValues(startY: number, endY: number): [from: number, to: number] {
    const { bottom, height } = this.root.getBoundingClientRect();
    const [a, b] = [startY, endY].map((y) => Math.min(Math.max((bottom - y) / height, 0), 1));
    return a! < b! ? [a!, b!] : [b!, a!];
  }

  #pinchWidth(): number {
    const [a = 0, b = 0] = this.#pointers.values();
    return Math.max(Math.abs(a - b), 1);
  }

  #wheel(event: WheelEvent): void {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.#holdWheel();
      this.#view.zoom(Math.exp(event.deltaY * WHEEL_ZOOM), this.#timeAt(event.clientX));
    } else if (sideways || event.shiftKey) {
      event.preventDefault();
      this.#holdWheel();
      this.#view.pan((sideways ? event.deltaX : event.deltaY) / this.root.clientWidth);
    }
  }

  #holdWheel(): void {
    this.#view.hold();
    clearTimeout(this.#wheelRest);
    this.#wheelRest = setTimeout(() => this.#view.release(), WHEEL_REST_MS);
  }
}

function isClick(drag: { readonly startX: number; readonly startY: number }, event: PointerEvent): boolean {
  return Math.abs(event.clientX - drag.startX) < CLICK_PX && Math.abs(event.clientY - drag.startY) < CLICK_PX;
}

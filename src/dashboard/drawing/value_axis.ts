import { element } from '../view/element.ts';
import type { ValueHand } from './time_surface.ts';

const CLICK_PX = 4;

/** The scale at the left of a chart, which is dragged over to zoom into values. */
export class ValueAxis {
  readonly root = element('div', {
    class: 'value-axis',
    title: 'Drag to zoom into values, double click for the whole scale',
  });
  readonly #selection = element('div', { class: 'selection', hidden: true });
  readonly #hand: ValueHand;
  #startY: number | undefined;

  constructor(hand: ValueHand, onReset: () => void) {
    this.#hand = hand;
    const { root } = this;
    root.append(this.#selection);
    root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      root.setPointerCapture(event.pointerId);
      this.#startY = event.clientY;
    });
    root.addEventListener('pointermove', ({ clientY }) => {
      if (this.#startY === undefined) return;
      const [from, to] = this.#selected(this.#startY, clientY);
      this.#selection.hidden = false;
      Object.assign(this.#selection.style, { bottom: `${from * 100}%`, top: `${(1 - to) * 100}%` });
    });
    root.addEventListener('pointerup', ({ clientY }) => {
      const startY = this.#startY;
      this.#end();
      if (startY === undefined || Math.abs(clientY - startY) < CLICK_PX) return;
      this.#hand.select(...this.#selected(startY, clientY));
    });
    root.addEventListener('pointercancel', () => this.#end());
    root.addEventListener('dblclick', onReset);
  }

  place(width: number, top: number, height: number): void {
    Object.assign(this.root.style, { width: `${width}px`, top: `${top}px`, height: `${height}px` });
  }

  #end(): void {
    this.#startY = undefined;
    this.#selection.hidden = true;
  }

  #selected(startY: number, endY: number): [from: number, to: number] {
    const { bottom, height } = this.root.getBoundingClientRect();
    const share = (y: number): number => Math.min(Math.max((bottom - y) / height, 0), 1);
    return [share(Math.max(startY, endY)), share(Math.min(startY, endY))];
  }
}

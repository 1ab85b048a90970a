import { element, setAttribute } from './element.ts';
import { LiveText } from './live_text.ts';

/** A number on the page, or "N/A" with the reason, shown on hover and keyboard focus. */
export class Reading {
  readonly #text = new LiveText();
  readonly root = element('output', { class: 'reading' }, this.#text.node);
  #absent = false;

  show(text: string): void {
    this.#text.set(text);
    if (!this.#absent) return;
    this.#absent = false;
    this.root.classList.remove('absent');
    for (const name of ['title', 'tabindex', 'data-reason', 'aria-label'])
      setAttribute(this.root, name, undefined);
  }

  showAbsent(reason: string): void {
    this.#text.set('N/A');
    if (!this.#absent) {
      this.#absent = true;
      this.root.classList.add('absent');
      this.root.tabIndex = 0;
    }
    setAttribute(this.root, 'data-reason', reason);
    setAttribute(this.root, 'title', reason);
    setAttribute(this.root, 'aria-label', `not available: ${reason}`);
  }
}

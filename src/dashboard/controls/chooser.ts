import { element, setAttribute, setText } from '../view/element.ts';
import { popover } from './popover.ts';

/** One thing that can be chosen. */
export interface Choice {
  readonly id: string;
  readonly label: string;
  /** Several of a kind can be chosen together; what is of no kind is chosen by itself. */
  readonly kind?: string;
}

interface ChooserEvents {
  /** What there is to choose from, in its order. */
  offer(): readonly Choice[];
  isChosen(choice: Choice): boolean;
  choose(choice: Choice): void;
}

/** A button that says what is chosen and opens a list to choose from, which is narrowed by typing. */
export class Chooser {
  readonly button: HTMLButtonElement;
  readonly box: HTMLElement;
  readonly #events: ChooserEvents;
  readonly #filter: HTMLInputElement;
  readonly #list = element('ul', { class: 'choices' });

  constructor(title: string, events: ChooserEvents) {
    this.#events = events;
    this.#filter = element('input', {
      type: 'search',
      placeholder: 'type a name',
      'aria-label': title,
      autofocus: true,
    });
    const { button, box } = popover('', title, [this.#filter, this.#list], () => {
      this.#filter.value = '';
      this.#fill();
    });
    button.classList.add('chooser');
    this.button = button;
    this.box = box;
    this.#filter.addEventListener('input', () => this.#fill());
    this.#filter.addEventListener('keydown', (event) => {
      const [first] = this.#offered();
      if (event.key !== 'Enter' || first === undefined) return;
      event.preventDefault();
      events.choose(first);
      this.#fill();
      this.#filter.select();
    });
  }

  /** Writes what is chosen on the button. */
  tell(text: string): void {
    setText(this.button, `${text} ▾`);
    setAttribute(this.button, 'data-chosen', text);
  }

  #offered(): Choice[] {
    const word = this.#filter.value.trim().toLowerCase();
    return this.#events.offer().filter(({ label }) => label.toLowerCase().includes(word));
  }

  #fill(): void {
    const rows = this.#offered().map((choice) => {
      const box = element('input', {
        type: choice.kind === undefined ? 'radio' : 'checkbox',
        ...(this.#events.isChosen(choice) && { checked: true }),
      });
      box.addEventListener('change', () => {
        this.#events.choose(choice);
        this.#fill();
      });
      return element('li', {}, element('label', {}, box, choice.label));
    });
    if (rows.length === 0) rows.push(element('li', {}, 'no match'));
    this.#list.replaceChildren(...rows);
  }
}

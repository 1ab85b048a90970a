import type { LiveStore } from '../data/live_store.ts';
import { collectorsNotStarted, switchCollector } from '../data/server.ts';
import { element, setText } from '../view/element.ts';
import { popupMenu } from '../view/popup_menu.ts';
import { troubleOf } from '../words/absence.ts';

interface Row {
  readonly box: HTMLInputElement;
  readonly state: HTMLElement;
}

/** Every collector with its state and its switch; those that were not started can be. */
export class CollectorsMenu {
  readonly root: HTMLElement;
  readonly #store: LiveStore;
  readonly #list = element('ul');
  readonly #trouble = element('p', { class: 'error', role: 'alert', hidden: true });
  readonly #rows = new Map<string, Row>();
  /** Asked for and not yet seen in a snapshot. */
  readonly #asked = new Map<string, boolean>();
  readonly #details: HTMLDetailsElement;

  constructor(store: LiveStore) {
    this.#store = store;
    this.#details = popupMenu(
      'Collectors',
      'Switch collectors on and off (c); their states are of now, whatever moment the charts show',
      this.#list,
      this.#trouble,
    );
    this.root = this.#details;
    this.#details.addEventListener('toggle', () => {
      this.update();
      if (this.#details.open) void this.#offer();
    });
  }

  toggle(): void {
    this.#details.open = !this.#details.open;
    if (this.#details.open) this.root.querySelector('input')?.focus();
  }

  update(): void {
    if (!this.#details.open) return;
    const states = this.#store.snapshot?.sampling.collectors ?? {};
    for (const [name, state] of Object.entries(states)) {
      const { box, state: text } = this.#rows.get(name) ?? this.#add(name);
      const enabled = state.state !== 'disabled';
      if (this.#asked.get(name) === enabled) this.#asked.delete(name);
      if (!this.#asked.has(name)) box.checked = enabled;
      const words = {
        ok: 'running',
        warming_up: 'starting',
        late: 'late',
        failed: 'failed',
        disabled: 'off',
      };
      setText(text, words[state.state]);
      text.title = troubleOf(name, state) ?? '';
      text.dataset.state = state.state;
    }
  }

  /** Adds what the server could start. */
  async #offer(): Promise<void> {
    try {
      for (const name of await collectorsNotStarted()) {
        const { state } = this.#rows.get(name) ?? this.#add(name);
        setText(state, 'not started');
        state.title = `${name} costs a thread: it starts when it is switched on`;
      }
    } catch (error) {
      this.#say(error);
    }
  }

  #add(name: string): Row {
    const box = element('input', { type: 'checkbox', role: 'switch', name });
    const state = element('span', { class: 'state' });
    box.addEventListener('change', () => void this.#switch(name, box.checked));
    this.#list.append(element('li', {}, element('label', {}, box, name), state));
    const row = { box, state };
    this.#rows.set(name, row);
    return row;
  }

  async #switch(name: string, enabled: boolean): Promise<void> {
    this.#asked.set(name, enabled);
    this.#trouble.hidden = true;
    try {
      await switchCollector(name, enabled);
    } catch (error) {
      this.#asked.delete(name);
      const row = this.#rows.get(name);
      if (row !== undefined) row.box.checked = !enabled;
      this.#say(error);
    }
  }

  #say(error: unknown): void {
    this.#trouble.textContent = error instanceof Error ? error.message : String(error);
    this.#trouble.hidden = false;
  }
}

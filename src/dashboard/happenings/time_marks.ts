import { MS_PER_SECOND } from '../../base/units.ts';
import { AROUND_INCIDENT_MS } from '../../model/incidents/incident.ts';
import { element, setAttribute } from '../view/element.ts';
import type { Range, ViewState } from '../view/view_state.ts';
import type { Happening, Happenings } from './happenings.ts';

const AROUND_SECONDS = AROUND_INCIDENT_MS / MS_PER_SECOND;

/** What marks are shown of, and where. */
export interface MarkContext {
  readonly happenings: Happenings;
  readonly view: ViewState;
}

/** More on one chart than this are a texture, and no marks. */
const MOST_SHOWN = 60;

/** Shows incidents and notes over a chart, at their times. */
export class TimeMarks {
  readonly #context: MarkContext;
  readonly #overlay: HTMLElement;
  #shown: { readonly root: HTMLElement; readonly flag: HTMLButtonElement }[] = [];
  #flagged: (string | undefined)[] = [];

  /** @param overlay over the chart, as wide as its time */
  constructor(context: MarkContext, overlay: HTMLElement) {
    this.#context = context;
    this.#overlay = overlay;
  }

  show({ from, to }: Range): void {
    const { happenings, view } = this.#context;
    const seen = happenings.all
      .filter((happening) => happening.from <= to && (happening.to ?? to) >= from)
      .slice(0, MOST_SHOWN);
    while (this.#shown.length > seen.length) this.#shown.pop()?.root.remove();
    while (this.#shown.length < seen.length) this.#add(this.#shown.length);
    const chosen = view.choice('incident');
    const shareOf = (time: number): number => (Math.min(Math.max(time, from), to) - from) / (to - from);
    for (const [index, happening] of seen.entries()) {
      const { root, flag } = this.#shown[index]!;
      const left = shareOf(happening.from);
      root.style.left = `${left * 100}%`;
      root.style.width = `${(shareOf(happening.to ?? to) - left) * 100}%`;
      root.classList.toggle('of-people', happening.id === undefined);
      root.classList.toggle('chosen', happening.id !== undefined && happening.id === chosen);
      this.#flagged[index] = happening.id;
      setAttribute(flag, 'title', happening.title);
      setAttribute(flag, 'aria-label', happening.title);
    }
  }

  /** Reached by keyboard from the list: here each would be there once a chart. */
  #add(index: number): void {
    const flag = element('button', { type: 'button', class: 'flag', tabindex: -1 });
    flag.addEventListener('pointerdown', (event) => event.stopPropagation());
    flag.addEventListener('click', () => {
      const id = this.#flagged[index];
      if (id !== undefined) this.#context.view.choose('incident', id);
    });
    const root = element('div', { class: 'happening' }, flag);
    this.#overlay.append(root);
    this.#shown.push({ root, flag });
  }
}

/** Shows an incident with what was before and after it, and who did it. */
export function goTo({ view, happenings }: MarkContext, id: string): void {
  const found: Happening | undefined = happenings.all.find((happening) => happening.id === id);
  view.hold();
  view.choose('incident', id);
  if (found !== undefined) {
    view.show({ from: found.from - AROUND_SECONDS, to: (found.to ?? found.from) + AROUND_SECONDS });
  }
  view.release();
}

import { element } from '../view/element.ts';
import { ChartPanel, type ChartPanelOptions } from './chart_panel.ts';
import type { PanelContext } from './panel.ts';

/** One of several things a panel can show, and how. */
export interface Variant extends Pick<ChartPanelOptions, 'entries' | 'format'> {
  readonly id: string;
  readonly label: string;
  readonly end?: ChartPanelOptions['end'];
  readonly leastEnd?: number;
  readonly binary?: boolean;
}

type Options = Omit<ChartPanelOptions, 'entries' | 'format' | 'kind'>;

/** A chart with a choice of what it shows: totals or one device, load or temperature. */
export class VariantPanel extends ChartPanel {
  readonly #id: string;
  readonly #select: HTMLSelectElement;
  readonly #variants: () => readonly Variant[];
  #offered = '';
  #shown: string;

  /** @param variants what can be shown now; the first is shown unless another was chosen */
  constructor(context: PanelContext, options: Options, variants: () => readonly Variant[]) {
    const [first] = variants();
    if (first === undefined) throw new TypeError(`${options.id} has nothing to show`);
    super(context, { ...options, ...changesOf(first), kind: 'lines' });
    this.#id = options.id;
    this.#variants = variants;
    this.#shown = first.id;
    this.#select = element('select', { 'aria-label': `${options.title}: what to show` });
    this.#select.addEventListener('change', () => {
      const { value } = this.#select;
      context.view.choose(this.#id, value === first.id ? undefined : value);
    });
    this.heading.querySelector('h2')?.after(this.#select);
  }

  override updateText(): void {
    if (!this.visible) return;
    this.#offer();
    super.updateText();
  }

  #offer(): void {
    const variants = this.#variants();
    const chosen = variants.find(({ id }) => id === this.context.view.choice(this.#id)) ?? variants[0]!;
    const offered = variants.map(({ id }) => id).join('\n');
    if (offered !== this.#offered) {
      this.#offered = offered;
      const options = variants.map(({ id, label }) => element('option', { value: id }, label));
      this.#select.replaceChildren(...options);
      this.#select.value = chosen.id;
    }
    if (chosen.id === this.#shown) return;
    this.#shown = chosen.id;
    this.#select.value = chosen.id;
    this.reconsider(changesOf(chosen));
  }
}

function changesOf({ entries, format, end, leastEnd = 0, binary = false }: Variant) {
  return { entries, format, end: end ?? (() => undefined), leastEnd, binary };
}

import { Chooser } from '../controls/chooser.ts';
import { Members } from '../controls/members.ts';
import { element } from '../view/element.ts';
import { ChartPanel, type ChartPanelOptions } from './chart_panel.ts';
import type { PanelContext } from './panel.ts';

/** What a chart shows, and how. */
type Drawing = Pick<ChartPanelOptions, 'entries' | 'format'> & {
  readonly end?: ChartPanelOptions['end'];
  readonly leastEnd?: number;
  readonly binary?: boolean;
};

/** One of several things a panel can show. */
export interface Variant extends Drawing {
  readonly id: string;
  readonly label: string;
}

/** Things of one kind, such as interfaces, of which several can be shown together. */
export interface Kind {
  /** Of their choices in the address, such as `if:`. */
  readonly prefix: string;
  readonly noun: string;
  /** Those there are now. */
  names(): readonly string[];
  drawing(names: readonly string[]): Drawing;
}

type Options = Omit<ChartPanelOptions, 'entries' | 'format' | 'kind'>;

/** A chart with a choice of what it shows: totals or some of the devices, load or temperature. */
export class VariantPanel extends ChartPanel {
  readonly #variants: () => readonly Variant[];
  readonly #kinds: readonly Kind[];
  readonly #first: string;
  readonly #select: HTMLSelectElement | undefined;
  readonly #chooser: Chooser | undefined;
  #offered = '';
  #shown: string;

  /**
   * @param variants what can be shown now; the first is shown unless another was chosen
   * @param kinds of which some can be shown instead
   */
  constructor(
    context: PanelContext,
    options: Options,
    variants: () => readonly Variant[],
    kinds: readonly Kind[] = [],
  ) {
    const [first] = variants();
    if (first === undefined) throw new TypeError(`${options.id} has nothing to show`);
    super(context, { ...options, ...changesOf(first), kind: 'lines' });
    this.#variants = variants;
    this.#kinds = kinds;
    this.#first = first.id;
    this.#shown = first.id;
    const title = `${options.title}: what to show`;
    const heading = this.heading.querySelector('h2');
    if (kinds.length > 0) {
      this.#chooser = this.#makeChooser(title);
      this.#chooser.tell(first.label);
      heading?.after(this.#chooser.button, this.#chooser.box);
    } else {
      const select = element('select', { 'aria-label': title });
      select.addEventListener('change', () => this.#choose(select.value));
      this.#select = select;
      heading?.after(select);
    }
    context.view.onChange(() => this.#show());
    this.#show();
  }

  override updateText(): void {
    if (!this.visible) return;
    this.#show();
    super.updateText();
  }

  #choose(id: string): void {
    const { view } = this.context;
    view.hold();
    view.choose(`y.${this.id}`, undefined);
    view.choose(this.id, id === this.#first ? undefined : id);
    view.release();
  }

  #show(): void {
    const variants = this.#variants();
    const choices = this.context.view.choices(this.id);
    for (const kind of this.#kinds) {
      const names = new Members(this.context.view, this.id, kind.prefix).chosen;
      if (names.length === 0) continue;
      this.#reconsider(choices.join('\n'), names.join(', '), kind.drawing(names));
      return;
    }
    const chosen = variants.find(({ id }) => id === choices[0]) ?? variants[0]!;
    this.#offer(variants, chosen.id);
    this.#reconsider(chosen.id, chosen.label, chosen);
  }

  #reconsider(id: string, label: string, drawing: Drawing): void {
    this.#chooser?.tell(label);
    if (id === this.#shown) return;
    this.#shown = id;
    this.reconsider(changesOf(drawing));
  }

  #offer(variants: readonly Variant[], chosen: string): void {
    if (this.#select === undefined) return;
    const offered = variants.map(({ id }) => id).join('\n');
    if (offered !== this.#offered) {
      this.#offered = offered;
      const options = variants.map(({ id, label }) => element('option', { value: id }, label));
      this.#select.replaceChildren(...options);
    }
    if (this.#select.value !== chosen) this.#select.value = chosen;
  }

  #makeChooser(title: string): Chooser {
    const { view } = this.context;
    return new Chooser(title, {
      offer: () => [
        ...this.#variants().map(({ id, label }) => ({ id, label })),
        ...this.#kinds.flatMap(({ prefix, noun, names }) => {
          // What was chosen in the past may be no more.
          const { chosen } = new Members(view, this.id, prefix);
          const all = [...new Set([...names(), ...chosen])];
          return all.map((name) => ({ id: `${prefix}${name}`, label: `${noun} ${name}`, kind: prefix }));
        }),
      ],
      isChosen: ({ id, kind }) =>
        kind === undefined ? id === this.#shown : view.choices(this.id).includes(id),
      choose: ({ id, kind }) => {
        if (kind === undefined) this.#choose(id);
        else new Members(view, this.id, kind).toggle(id.slice(kind.length));
      },
    });
  }
}

function changesOf({ entries, format, end, leastEnd = 0, binary = false }: Drawing) {
  return { entries, format, end: end ?? (() => undefined), leastEnd, binary };
}

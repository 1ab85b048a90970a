import type { Comparison } from '../controls/comparison.ts';
import type { LiveStore } from '../data/live_store.ts';
import type { PastRow } from '../data/past_sql.ts';
import type { PastTables } from '../data/past_tables.ts';
import type { RecordingStart } from '../data/recording_start.ts';
import type { Timeline } from '../data/timeline.ts';
import type { Theme } from '../drawing/theme.ts';
import type { Happenings } from '../happenings/happenings.ts';
import { captionOf, type Savable, saveMenu } from '../saving/save_menu.ts';
import { button, element, setAttribute, setText } from '../view/element.ts';
import type { SharedCursor } from '../view/shared_cursor.ts';
import type { Range, ViewState } from '../view/view_state.ts';
import { zoneText } from '../view/zone.ts';
import { timeOfDay } from '../words/format.ts';

/** What panels work with. */
export interface PanelContext {
  readonly store: LiveStore;
  readonly timeline: Timeline;
  readonly past: PastTables;
  readonly start: RecordingStart;
  readonly comparison: Comparison;
  readonly happenings: Happenings;
  readonly view: ViewState;
  readonly cursor: SharedCursor;
  readonly theme: Theme;
}

export interface PanelOptions {
  readonly id: string;
  readonly title: string;
  readonly hint?: string;
  /** Width in the grid. */
  readonly size?: 'wide' | 'normal';
  /** The panel is for this collector, which not every server runs. */
  readonly onlyWith?: string;
  /** What of it are rows of a table, at the moment looked at or, if that cannot be known, of now: `values`. */
  readonly showsRows?: string;
}

/** A titled part of the page, which works only while it can be seen. */
export abstract class Panel {
  readonly id: string;
  readonly root: HTMLElement;
  /** What can be done with the panel, at the right of its title. */
  protected readonly tools = element('div', { class: 'tools' });
  protected readonly context: PanelContext;
  protected readonly heading: HTMLElement;
  readonly #onlyWith: string | undefined;
  readonly #moment = element('span', { class: 'of-now', role: 'note', hidden: true });
  readonly #showsRows: string;
  readonly #title: string;
  #rows: readonly PastRow[] | undefined;
  #visible = false;
  #sized = false;
  /** The columns of pixels of the last drawing, in time: nothing changes before the next one begins. */
  #drawn = '';

  constructor(
    context: PanelContext,
    { id, title, hint, size = 'normal', onlyWith, showsRows = 'values' }: PanelOptions,
  ) {
    this.id = id;
    this.context = context;
    this.#onlyWith = onlyWith;
    this.heading = element('header', {}, element('h2', { id: `${id}-title`, title: hint }, title));
    this.#showsRows = showsRows;
    this.heading.append(this.#moment);
    this.tools.append(this.#enlarger(title));
    this.#title = title;
    this.heading.append(this.tools);
    this.root = element(
      'section',
      { id, class: `panel ${size}`, 'aria-labelledby': `${id}-title` },
      this.heading,
    );
  }

  /** The series whose samples are those of the panel. */
  get keys(): readonly string[] {
    return [];
  }

  /** Offers to save the panel; to be called when it is whole. @param shown what it shows, as CSV */
  protected offerSaving(hasSamples: boolean, shown?: () => string): void {
    const { view, store } = this.context;
    const what: Savable = {
      name: this.id,
      root: this.root,
      range: () => view.range,
      caption: () => captionOf(store.hello?.hostname ?? '', view.range, zoneText()),
      ...(hasSamples && { keys: () => this.keys }),
      ...(shown !== undefined && { shown }),
    };
    const [open, menu] = saveMenu('⤓', `Save ${this.#title}`, what);
    this.tools.append(open);
    this.heading.append(menu);
  }

  #enlarger(title: string): HTMLButtonElement {
    const { view } = this.context;
    const isAlone = (): boolean => view.choice('panel') === this.id;
    const toggle = button('⤢', `Enlarge ${title} to the page, or back (f)`, () =>
      view.choose('panel', isAlone() ? undefined : this.id),
    );
    const tell = (): void => setAttribute(toggle, 'aria-pressed', String(isAlone()));
    view.onChange(tell);
    tell();
    return toggle;
  }

  /** Numbers as they are now, or at the moment pointed at. */
  abstract updateText(): void;

  /**
   * Rows of a table at the moment that is looked at, and says at the title which one that is; undefined when those
   * of now are to be shown.
   */
  protected pastRows(table: string): readonly PastRow[] | undefined {
    const { view, cursor, past } = this.context;
    const { share } = cursor;
    if (share === undefined && view.live) {
      this.#moment.hidden = true;
      this.#rows = undefined;
      return undefined;
    }
    this.#moment.hidden = false;
    const { from, to } = view.range;
    const moment = share === undefined ? to : from + share * (to - from);
    const was = past.at(table, moment);
    if (was !== undefined && past.trouble === undefined) {
      this.#rows = was.rows.get(table) ?? [];
      const isKnown = was.time !== undefined;
      const text = timeOfDay(was.time ?? moment, 0.1);
      this.#tellMoment(isKnown ? `at ${text}` : `nothing recorded at ${text}`);
    } else if (past.trouble !== undefined) {
      this.#rows = undefined;
      this.#tellMoment(`${this.#showsRows}: as of now`, past.trouble);
    } else if (this.#rows === undefined)
      this.#tellMoment(`${this.#showsRows}: as of now`, 'asking history …');
    return this.#rows;
  }

  #tellMoment(text: string, why?: string): void {
    setText(this.#moment, text);
    setAttribute(this.#moment, 'title', why);
  }

  get visible(): boolean {
    return this.#visible;
  }

  /** Leaves the page, or comes back, as the server has what the panel is for. */
  settle(): void {
    if (this.#onlyWith === undefined) return;
    this.root.hidden = this.context.store.snapshot?.sampling.collectors[this.#onlyWith] === undefined;
  }

  /** Lets the panel know whether it can be seen, and when its size changes. */
  watch(onVisible: () => void): void {
    new IntersectionObserver((entries) => {
      // The last one counts: the panel may have come and gone since the observer was heard last.
      this.#visible = entries.at(-1)?.isIntersecting ?? false;
      if (this.#visible) onVisible();
    }).observe(this.root);
    const sizes = new ResizeObserver(() => {
      this.#sized = false;
      onVisible();
    });
    sizes.observe(this.root);
    // A legend that grows takes from the chart what the panel does not gain.
    const chart = this.root.querySelector('.body');
    if (chart !== null) sizes.observe(chart);
  }

  /** Draws again even if time stands still. */
  invalidate(): void {
    this.#drawn = '';
  }

  /** New colours. */
  restyle(): void {
    this.#sized = false;
  }

  /** Draws what is out of sight too, as it may be saved. */
  drawAnyway(range: Range): void {
    const isVisible = this.#visible;
    this.#visible = true;
    this.#drawn = '';
    this.draw(range, -1);
    this.updateText();
    this.#visible = isVisible;
  }

  draw(range: Range, version: number): void {
    if (!this.#visible) return;
    if (!this.#sized) {
      this.#sized = true;
      this.#drawn = '';
      this.resize();
    }
    // A chart is drawn again when it would look different: when its last column of pixels is another one.
    const step = (range.to - range.from) / this.pixels;
    const column = Math.floor(range.to / step + 1e-6);
    const drawn = `${column} ${step} ${version}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const aligned = this.context.view.live
      ? { from: column * step - (range.to - range.from), to: column * step }
      : range;
    this.drawChart(aligned);
  }

  /** Columns of pixels there are for time. */
  protected get pixels(): number {
    return 1;
  }

  protected resize(): void {}

  protected drawChart(_range: Range): void {}
}

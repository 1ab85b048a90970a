import type { ViewState } from '../view/view_state.ts';

/** How the rows of a table are sorted and which of them are shown, as the address says. */
export class TableOrder {
  readonly #view: ViewState;
  readonly #usual: string | undefined;
  readonly #sort: string;
  readonly #filter: string;

  /** @param usual how the table is sorted by itself, such as `-CPU` */
  constructor(view: ViewState, panel: string, usual?: string) {
    this.#view = view;
    this.#usual = usual;
    this.#sort = `sort.${panel}`;
    this.#filter = `filter.${panel}`;
  }

  /** What the address says or, when it says nothing, what is usual for the table. */
  get #now(): string | undefined {
    return this.#view.choice(this.#sort) ?? this.#usual;
  }

  /** The column sorted by; undefined when rows stand as they come. */
  get column(): string | undefined {
    return this.#now?.replace(/^-/, '');
  }

  get isDescending(): boolean {
    return this.#now?.startsWith('-') ?? false;
  }

  get filter(): string {
    return this.#view.choice(this.#filter) ?? '';
  }

  /** Numbers begin with the largest, names with the first; the third press puts the rows back in their order. */
  press(column: string, isText: boolean): void {
    const first = isText ? column : `-${column}`;
    const second = isText ? `-${column}` : column;
    const now = this.#now;
    this.#view.choose(this.#sort, now === first ? second : now === second ? undefined : first);
  }

  typed(filter: string): void {
    this.#view.note(this.#filter, filter === '' ? undefined : filter);
  }

  /** Whether every word that was typed is in a row's text. */
  admits(text: string): boolean {
    const lower = text.toLowerCase();
    return this.filter
      .toLowerCase()
      .split(/\s+/)
      .every((word) => lower.includes(word));
  }

  /** Negative when the first comes first; what has no value comes last in either direction. */
  compare(a: number | string | undefined, b: number | string | undefined): number {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    const order =
      typeof a === 'number' && typeof b === 'number'
        ? a - b
        : String(a).localeCompare(String(b), 'en', { numeric: true });
    return this.isDescending ? -order : order;
  }
}

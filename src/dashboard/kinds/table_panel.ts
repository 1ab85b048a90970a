import { TableOrder } from '../controls/table_order.ts';
import type { PastRow } from '../data/past_sql.ts';
import { csvOf } from '../saving/csv.ts';
import { element, setAttribute } from '../view/element.ts';
import { Reading } from '../view/reading.ts';
import type { Format } from '../words/format.ts';
import { Panel, type PanelContext, type PanelOptions } from './panel.ts';

export interface TableColumn<Row> {
  readonly title: string;
  readonly hint?: string;
  readonly format: Format;
  /** Undefined: not known; a text says why. */
  value(row: Row): number | string | undefined;
  /** Words instead of a number. */
  text?(row: Row): string;
  /** Full width of the bar drawn behind the number. */
  readonly full?: number;
}

export interface TableOptions<Row> extends PanelOptions {
  readonly labelTitle: string;
  readonly columns: readonly TableColumn<Row>[];
  /** Rows by label in the order they are shown, as they are now. */
  rows(): readonly (readonly [label: string, row: Row])[];
  /** Where the same rows were recorded, and how one is read; without it rows are always of now. */
  readonly recorded?: {
    readonly table: string;
    row(past: PastRow): readonly [label: string, row: Row];
  };
  /** Why there are no rows. */
  empty(): string;
  /** What a row's name does when it is pressed. */
  readonly onChoose?: (label: string) => void;
  readonly isChosen?: (label: string) => boolean;
  /** More about a row, shown when its name is pointed at. */
  describe?(row: Row): string;
  /** Whether the panel leaves the page when it has no rows. */
  readonly leavesWhenEmpty?: boolean;
  /** How rows are sorted until a head is pressed: a column's title, with a minus for the largest first. */
  readonly firstOrder?: string;
  /** Rows shown at most, the first of their order. */
  readonly mostRows?: number;
  /** Told apart by more than its name. */
  sign?(row: Row): string;
}

/** Rows change places so often at most: what moves all the time cannot be read, or pressed. */
const SORT_EVERY_MS = 1_000;

type Entry<Row> = readonly [label: string, row: Row];

interface TableRow {
  readonly root: HTMLElement;
  readonly name: HTMLElement;
  readonly cells: readonly { readonly reading: Reading; readonly bar: HTMLElement | undefined }[];
}

/** Values of things that come and go: interfaces, devices, partitions; of now or of the moment looked at. */
export class TablePanel<Row> extends Panel {
  readonly #options: TableOptions<Row>;
  readonly #rows = new Map<string, TableRow>();
  readonly #body = element('tbody');
  readonly #empty = element('p', { class: 'empty', hidden: true });
  readonly #order: TableOrder;
  readonly #heads = new Map<string, HTMLElement>();
  readonly #filter: HTMLInputElement;
  #labels = '';
  /** Labels as they were sorted last, when, and by what. */
  #sorted: readonly string[] = [];
  #sortedMs = Number.NEGATIVE_INFINITY;
  #sortedHow = '';

  constructor(context: PanelContext, options: TableOptions<Row>) {
    super(context, options);
    this.#options = options;
    this.#order = new TableOrder(context.view, options.id, options.firstOrder);
    const heads = options.columns.map(({ title, hint }) => this.#head(title, false, hint));
    const head = element('tr', {}, this.#head(options.labelTitle, true), ...heads);
    const table = element('table', {}, element('thead', {}, head), this.#body);
    this.#filter = element('input', {
      type: 'search',
      class: 'filter',
      placeholder: 'filter',
      'aria-label': `Filter ${options.title}`,
      title:
        options.onChoose === undefined
          ? 'Show only matching rows'
          : 'Show only matching rows; Enter draws the first',
    });
    this.#filter.addEventListener('input', () => this.#order.typed(this.#filter.value));
    this.#filter.addEventListener('keydown', ({ key }) => {
      const [first] = this.#shown()[0] ?? [];
      if (key === 'Enter' && first !== undefined) options.onChoose?.(first);
      if (key === 'Escape') this.#filter.blur();
    });
    this.tools.before(this.#filter);
    this.root.append(element('div', { class: 'body scrolls', tabindex: 0 }, table, this.#empty));
    this.root.setAttribute('data-live', '');
    this.offerSaving(false, () => this.#csv());
    this.#tellOrder();
    context.view.onChange(() => this.#tellOrder());
  }

  override settle(): void {
    super.settle();
    if (this.#options.leavesWhenEmpty === true) this.root.hidden = this.#options.rows().length === 0;
  }

  updateText(): void {
    if (!this.visible) return;
    const rows = this.#shown();
    const labels = rows.map(([label]) => label).join('\n');
    if (labels !== this.#labels) this.#arrange(rows);
    this.#labels = labels;
    this.#empty.hidden = rows.length > 0;
    if (rows.length === 0) {
      const { filter } = this.#order;
      this.#empty.textContent = filter === '' ? this.#options.empty() : `no row matches “${filter}”`;
    }
    for (const [label, row] of rows) this.#fill(this.#rows.get(label)!, label, row);
  }

  /** The rows as the viewer wants them. */
  #shown(): readonly Entry<Row>[] {
    const { rows, recorded, labelTitle, columns, describe } = this.#options;
    const past = recorded === undefined ? undefined : this.pastRows(recorded.table);
    let shown = rows();
    if (recorded !== undefined && past !== undefined) {
      // What is still there keeps its place.
      const places = new Map(shown.map(([label], place) => [label, place]));
      const placeOf = ([label]: Entry<Row>): number => places.get(label) ?? places.size;
      shown = past.map((row) => recorded.row(row)).sort((a, b) => placeOf(a) - placeOf(b));
    }
    const order = this.#order;
    if (order.filter !== '') {
      shown = shown.filter(([label, row]) => order.admits(`${label} ${describe?.(row) ?? ''}`));
    }
    if (order.column === undefined) return shown;
    const column = columns.find(({ title }) => title === order.column);
    const sortedBy = ([label, row]: Entry<Row>): number | string | undefined => {
      if (order.column === labelTitle) return label;
      const value = column?.value(row);
      return column?.text?.(row) ?? (typeof value === 'number' ? value : undefined);
    };
    const { mostRows = Number.POSITIVE_INFINITY } = this.#options;
    const nowMs = performance.now();
    const how = `${order.column} ${order.isDescending} ${order.filter} ${past === undefined}`;
    const isDue = nowMs - this.#sortedMs >= SORT_EVERY_MS || how !== this.#sortedHow;
    if (isDue || past !== undefined) {
      const sorted = [...shown].sort((a, b) => order.compare(sortedBy(a), sortedBy(b))).slice(0, mostRows);
      this.#sortedMs = nowMs;
      this.#sortedHow = how;
      this.#sorted = sorted.map(([label]) => label);
      return sorted;
    }
    const byLabel = new Map(shown);
    return this.#sorted.flatMap((label) => {
      const row = byLabel.get(label);
      return row === undefined ? [] : [[label, row] as const];
    });
  }

  /** The rows as they are shown, with their values as they are. */
  #csv(): string {
    const { columns, labelTitle } = this.#options;
    const heads = [labelTitle, ...columns.map(({ title }) => title)];
    const rows = this.#shown().map(([label, row]) => [
      label,
      ...columns.map((column) => {
        const value = column.value(row);
        return column.text?.(row) ?? (typeof value === 'number' ? value : null);
      }),
    ]);
    return csvOf({ columns: heads.map((name) => ({ name, type: '' })), rows });
  }

  #head(title: string, isText: boolean, hint?: string): HTMLElement {
    const press = element(
      'button',
      { type: 'button', class: 'sorter', title: hint ?? `Sort by ${title}` },
      title,
    );
    press.addEventListener('click', () => {
      this.#order.press(title, isText);
      // By hand: not with the next frame, which a busy page may be long in drawing.
      this.updateText();
    });
    const head = element('th', { scope: 'col' }, press);
    this.#heads.set(title, head);
    return head;
  }

  #tellOrder(): void {
    const { column, isDescending, filter } = this.#order;
    const direction = isDescending ? 'descending' : 'ascending';
    for (const [title, head] of this.#heads)
      setAttribute(head, 'aria-sort', title === column ? direction : undefined);
    if (this.#filter.value !== filter) this.#filter.value = filter;
  }

  #arrange(rows: readonly Entry<Row>[]): void {
    const kept = new Set(rows.map(([label]) => label));
    for (const label of this.#rows.keys()) if (!kept.has(label)) this.#rows.delete(label);
    for (const [label, row] of rows)
      if (!this.#rows.has(label)) this.#rows.set(label, this.#make(label, row));
    this.#body.replaceChildren(...rows.map(([label]) => this.#rows.get(label)!.root));
  }

  #make(label: string, row: Row): TableRow {
    const { columns, onChoose, describe, sign } = this.#options;
    const title = describe?.(row);
    const text = `${sign?.(row) ?? ''}${label}`;
    const name =
      onChoose === undefined
        ? element('span', { title }, text)
        : element('button', { type: 'button', class: 'row-name', title }, text);
    if (onChoose !== undefined) name.addEventListener('click', () => onChoose(label));
    const cells = columns.map(({ full }) => ({
      reading: new Reading(),
      bar: full === undefined ? undefined : element('i', { class: 'bar' }),
    }));
    const root = element(
      'tr',
      { 'data-label': label },
      element('th', { scope: 'row' }, name),
      ...cells.map(({ reading, bar }) =>
        element('td', {}, ...(bar === undefined ? [] : [bar]), reading.root),
      ),
    );
    return { root, name, cells };
  }

  #fill({ name, cells }: TableRow, label: string, row: Row): void {
    const { columns, isChosen, describe } = this.#options;
    if (describe !== undefined) setAttribute(name, 'title', describe(row) || undefined);
    if (isChosen !== undefined) name.setAttribute('aria-pressed', String(isChosen(label)));
    for (const [index, column] of columns.entries()) {
      const { reading, bar } = cells[index]!;
      const value = column.value(row);
      const words = column.text?.(row);
      if (words !== undefined) reading.show(words);
      else if (typeof value === 'number') reading.show(column.format(value));
      else reading.showAbsent(value ?? 'known after the second sample');
      if (bar === undefined) continue;
      const share = typeof value === 'number' ? value / (column.full ?? 100) : 0;
      bar.style.transform = `scaleX(${Math.min(Math.max(share, 0), 1).toFixed(3)})`;
      bar.classList.toggle('high', share > 0.9);
    }
  }
}

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
  /** Rows by label in the order they are shown. */
  rows(): readonly (readonly [label: string, row: Row])[];
  /** Why there are no rows. */
  empty(): string;
  /** What a row's name does when it is pressed. */
  readonly onChoose?: (label: string) => void;
  readonly chosen?: () => string | undefined;
  /** More about a row, shown when its name is pointed at. */
  describe?(row: Row): string;
  /** Whether the panel leaves the page when it has no rows. */
  readonly leavesWhenEmpty?: boolean;
  /** Told apart by more than its name. */
  sign?(row: Row): string;
}

interface TableRow {
  readonly root: HTMLElement;
  readonly name: HTMLElement;
  readonly cells: readonly { readonly reading: Reading; readonly bar: HTMLElement | undefined }[];
}

/** Latest values of things that come and go: interfaces, devices, partitions. */
export class TablePanel<Row> extends Panel {
  readonly #options: TableOptions<Row>;
  readonly #rows = new Map<string, TableRow>();
  readonly #body = element('tbody');
  readonly #empty = element('p', { class: 'empty', hidden: true });
  #order = '';

  constructor(context: PanelContext, options: TableOptions<Row>) {
    super(context, { ...options, showsNow: 'values' });
    this.#options = options;
    const heads = options.columns.map(({ title, hint }) =>
      element('th', { scope: 'col', title: hint }, title),
    );
    const head = element('tr', {}, element('th', { scope: 'col' }, options.labelTitle), ...heads);
    const table = element('table', {}, element('thead', {}, head), this.#body);
    this.root.append(element('div', { class: 'body scrolls', tabindex: 0 }, table, this.#empty));
    this.root.setAttribute('data-live', '');
  }

  override settle(): void {
    super.settle();
    if (this.#options.leavesWhenEmpty === true) this.root.hidden = this.#options.rows().length === 0;
  }

  updateText(): void {
    if (!this.visible) return;
    const rows = this.#options.rows();
    const order = rows.map(([label]) => label).join('\n');
    if (order !== this.#order) this.#arrange(rows);
    this.#order = order;
    this.#empty.hidden = rows.length > 0;
    if (rows.length === 0) this.#empty.textContent = this.#options.empty();
    for (const [label, row] of rows) this.#fill(this.#rows.get(label)!, label, row);
  }

  #arrange(rows: readonly (readonly [string, Row])[]): void {
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
    const { columns, chosen, describe } = this.#options;
    if (describe !== undefined) setAttribute(name, 'title', describe(row) || undefined);
    if (chosen !== undefined) name.setAttribute('aria-pressed', String(chosen() === label));
    for (const [index, column] of columns.entries()) {
      const { reading, bar } = cells[index]!;
      const value = column.value(row);
      const words = column.text?.(row);
      if (words !== undefined) reading.show(words);
      else if (typeof value === 'number') reading.show(column.format(value));
      else reading.showAbsent(value ?? 'known from the second sample on');
      if (bar === undefined) continue;
      const share = typeof value === 'number' ? value / (column.full ?? 100) : 0;
      bar.style.transform = `scaleX(${Math.min(Math.max(share, 0), 1).toFixed(3)})`;
      bar.classList.toggle('high', share > 0.9);
    }
  }
}

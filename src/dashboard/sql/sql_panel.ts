import { errorMessage } from '../../base/errors.ts';
import type { QueryResult } from '../../client/query.ts';
import { query } from '../data/server.ts';
import type { Theme } from '../drawing/theme.ts';
import { csvOf } from '../saving/csv.ts';
import { button, element, setText } from '../view/element.ts';
import type { ViewState } from '../view/view_state.ts';
import { currentZone } from '../view/zone.ts';
import { milliseconds } from '../words/format.ts';
import { QUESTIONS } from './questions.ts';
import { type ResultChart, resultChart } from './result_chart.ts';
import { resultTable } from './result_table.ts';
import type { SqlEditor } from './sql_editor.ts';

const SCHEMA =
  "SELECT table_name, list(column_name) AS columns FROM information_schema.columns WHERE table_schema = 'main' GROUP BY table_name ORDER BY table_name";
/** Shown on either side of a moment chosen from a result. */
const AROUND_SECONDS = 5;

/** Questions in SQL and their answers, in place of the charts. */
export class SqlPanel {
  readonly root = element('main', { class: 'sql', hidden: true });
  readonly #view: ViewState;
  readonly #theme: Theme;
  readonly #editorBox = element('div', { class: 'editor' });
  readonly #tables = element('div', { class: 'tables' });
  readonly #message = element('p', { class: 'message', role: 'status' });
  readonly #result = element('div', { class: 'result' });
  readonly #copy: HTMLButtonElement;
  #editor: SqlEditor | undefined;
  #zone = currentZone();
  #opened = false;
  /** The question whose answer is shown, or will be. */
  #asked = '';
  #last: QueryResult | undefined;
  #chart: ResultChart | undefined;

  constructor(view: ViewState, theme: Theme) {
    this.#view = view;
    this.#theme = theme;
    const questions = element('select', { 'aria-label': 'Ready-made questions' });
    questions.append(element('option', { value: '' }, 'ready-made questions …'));
    for (const { title, sql } of QUESTIONS) questions.append(element('option', { value: sql }, title));
    questions.addEventListener('change', () => {
      if (questions.value === '') return;
      if (this.#editor !== undefined) this.#editor.text = questions.value;
      questions.value = '';
      void this.run();
    });
    this.#copy = button('Copy as CSV', 'Copy all rows as CSV', () => void this.#copyCsv(), {
      disabled: true,
    });
    const bar = element(
      'div',
      { class: 'controls' },
      button('Run', 'Run (Ctrl and Enter)', () => void this.run(), { class: 'play' }),
      questions,
      this.#copy,
      this.#message,
    );
    const side = element('aside', { 'aria-label': 'Tables and columns' }, this.#tables);
    const hint = element('small', { class: 'hint' }, 'Times in a question without a zone are UTC.');
    bar.append(hint);
    const work = element('div', { class: 'work' }, this.#editorBox, bar, this.#result);
    this.root.append(side, work);
    new ResizeObserver(() => this.#chart?.draw()).observe(this.#result);
  }

  /** Shows or hides what the view says. */
  update(): void {
    const { sql } = this.#view;
    this.root.hidden = sql === undefined;
    if (sql === undefined) return;
    if (this.#last !== undefined && this.#zone !== currentZone()) this.#draw(this.#last);
    if (!this.#opened) {
      this.#opened = true;
      this.#asked = sql;
      void this.#open(sql);
    } else if (sql !== this.#asked && sql !== '' && this.#editor !== undefined) {
      // Back or forward to another question.
      this.#editor.text = sql;
      void this.run();
    }
  }

  restyle(): void {
    this.#chart?.draw();
  }

  async run(): Promise<void> {
    const sql = this.#editor?.text.trim() ?? '';
    if (sql === '') return;
    this.#editor?.closeCompletion();
    this.#asked = sql;
    this.#view.showSql(sql);
    this.#say('running …');
    try {
      this.#show(await query(sql));
    } catch (error) {
      this.#result.replaceChildren();
      this.#last = undefined;
      this.#chart = undefined;
      this.#copy.disabled = true;
      this.#say(errorMessage(error), true);
    }
  }

  async #open(sql: string): Promise<void> {
    this.#say('loading …');
    const schema = await this.#loadSchema();
    const { createSqlEditor } = await import('./sql_editor.ts');
    this.#editor = createSqlEditor({
      parent: this.#editorBox,
      text: sql || QUESTIONS[0]!.sql,
      schema,
      onRun: () => void this.run(),
      onClose: () => this.#view.showSql(undefined),
    });
    this.#editor.focus();
    // A link that came with a question is to show the answer.
    if (sql !== '') await this.run();
  }

  async #loadSchema(): Promise<Record<string, string[]>> {
    const schema: Record<string, string[]> = {};
    try {
      for (const [table, columns] of (await query(SCHEMA)).rows) {
        if (Array.isArray(columns)) schema[String(table)] = columns.map(String);
      }
      this.#say('');
    } catch (error) {
      this.#say(errorMessage(error), true);
    }
    const raw = Object.keys(schema).filter((name) => !/_1[sm]$/.test(name));
    this.#tables.replaceChildren(...raw.map((table) => this.#tableEntry(table, schema)));
    return schema;
  }

  #tableEntry(table: string, schema: Readonly<Record<string, string[]>>): HTMLElement {
    const insert = (text: string): HTMLElement =>
      button(text, `Insert ${text}`, () => this.#editor?.insert(text), { class: 'name' });
    const rollups = ['_1s', '_1m'].map((suffix) => `${table}${suffix}`).filter((name) => name in schema);
    const columns = (schema[table] ?? []).map((column) => element('li', {}, insert(column)));
    const names = [table, ...rollups].map(insert);
    return element(
      'details',
      {},
      element('summary', {}, table),
      element('div', { class: 'names' }, ...names),
      element('ul', {}, ...columns),
    );
  }

  #show(result: QueryResult): void {
    this.#last = result;
    this.#copy.disabled = false;
    const rows = `${result.row_count} ${result.row_count === 1 ? 'row' : 'rows'}`;
    const cut = result.truncated ? ', more were cut off' : '';
    this.#say(`${rows}${cut} in ${milliseconds(result.elapsed_ms)}`);
    this.#draw(result);
  }

  #draw(result: QueryResult): void {
    this.#zone = currentZone();
    this.#chart = resultChart(result, this.#theme);
    const table = resultTable(result, (seconds) => {
      this.#view.showSql(undefined);
      this.#view.show({ from: seconds - AROUND_SECONDS, to: seconds + AROUND_SECONDS });
    });
    this.#result.replaceChildren(...(this.#chart === undefined ? [] : [this.#chart.root]), table);
    this.#chart?.draw();
  }

  async #copyCsv(): Promise<void> {
    if (this.#last === undefined) return;
    try {
      await navigator.clipboard.writeText(csvOf(this.#last));
      this.#say('copied');
    } catch (error) {
      this.#say(`the browser does not let this page copy: ${errorMessage(error)}`, true);
    }
  }

  #say(text: string, isError = false): void {
    setText(this.#message, text);
    this.#message.classList.toggle('error', isError);
    this.#message.setAttribute('role', isError ? 'alert' : 'status');
  }
}

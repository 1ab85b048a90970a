import type { QueryResult } from '../../client/query.ts';
import { element } from '../view/element.ts';
import { isoTime } from '../view/zone.ts';
import { timeColumn } from './result_chart.ts';

/** Rows that are put on the page; all of them are in the CSV. */
const MOST_ROWS = 500;

/** A result as a table. A moment is a button that shows it in the charts. */
export function resultTable(result: QueryResult, onMoment: (seconds: number) => void): HTMLElement {
  const time = timeColumn(result);
  const heads = result.columns.map(({ name, type }, index) => {
    const isNumber = result.rows.some((row) => typeof row[index] === 'number');
    return element('th', { scope: 'col', title: type, class: isNumber ? 'number' : undefined }, name);
  });
  const rows = result.rows.slice(0, MOST_ROWS).map((row) => {
    const cells = row.map((value, index) => {
      const text = /WITH TIME ZONE$/.test(result.columns[index]?.type ?? '')
        ? zonedText(value)
        : textOf(value);
      if (index !== time || value === null) {
        return element('td', { class: typeof value === 'number' ? 'number' : undefined }, text);
      }
      const title = 'Show this moment in the charts';
      const link = element('button', { type: 'button', class: 'moment', title }, text);
      link.addEventListener('click', () => onMoment(Date.parse(String(value)) / 1000));
      return element('td', {}, link);
    });
    return element('tr', {}, ...cells);
  });
  const table = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...rows),
  );
  const root = element(
    'div',
    { class: 'result-table', tabindex: 0, role: 'region', 'aria-label': 'Result' },
    table,
  );
  if (result.rows.length > MOST_ROWS) {
    root.append(
      element('p', { class: 'empty' }, `${result.rows.length - MOST_ROWS} more rows are in the CSV`),
    );
  }
  return root;
}

/** A moment in the page's zone; the engine tells microseconds, which a date of the browser does not hold. */
function zonedText(value: unknown): string {
  const [, rest = ''] = /\.\d{3}(\d*)Z$/.exec(String(value)) ?? [];
  const seconds = Date.parse(String(value)) / 1000;
  if (Number.isNaN(seconds)) return textOf(value);
  return isoTime(seconds).replace(/(\.\d{3})/, `$1${rest}`);
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return String(Number(value.toPrecision(12)));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

import type { QueryResult } from '../../client/query.ts';

const NUMERIC = /^(U?(BIG|HUGE|SMALL|TINY)INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL)/;
const NARROWEST = 4;

/** A result in columns for people: numbers to the right, cut to the width of the terminal if there is one. */
export function renderTable({ columns, rows }: QueryResult, terminalWidth: number | undefined): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = columns.map(({ name }, index) =>
    Math.max(NARROWEST, name.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string => {
    const padded = texts.map((text, index) => {
      const numeric = NUMERIC.test(columns[index]?.type ?? '');
      return numeric ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
    });
    const whole = padded.join('  ').trimEnd();
    return terminalWidth === undefined ? whole : whole.slice(0, terminalWidth);
  };
  const rule = widths.map((width) => '─'.repeat(width));
  const lines = [columns.map(({ name }) => name), rule, ...cells].map(line);
  return `${lines.join('\n')}\n`;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toFixed(3)));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

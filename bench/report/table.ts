/** One column: its heading, and whether its cells are numbers, which stand to the right. */
export interface Column {
  readonly heading: string;
  readonly numeric?: boolean;
}

/** A table in aligned Markdown: legible in a terminal, and ready for a README. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, index) =>
    Math.max(3, heading.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ numeric }, index) => {
      const cell = cells[index] ?? '';
      return numeric ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = columns.map(({ numeric }, index) => {
    const dashes = '-'.repeat(widths[index]! - 1);
    return numeric ? `${dashes}:` : `-${dashes}`;
  });
  return `${[line(columns.map(({ heading }) => heading)), line(rule), ...rows.map(line)].join('\n')}\n`;
}

/** A figure for people: as many digits as mean something; a dash for what was not measured. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en');
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

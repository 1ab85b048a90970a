import { type Family, typeOf } from '../../series/family.ts';

/** Version 0.0.4 of the Prometheus text format. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The series of some families as text. What is missing makes no series, and a family without series is not
 * mentioned: to Prometheus, not-a-number is a measurement.
 */
export function exposition<T>(families: readonly Family<T>[], data: T): string {
  let text = '';
  for (const { name, help, read } of families) {
    let series = '';
    read(data, (labels, value) => {
      if (value === null || value === undefined) return;
      const number = Number(value);
      if (Number.isFinite(number)) series += `${name}${labels.text} ${number}\n`;
    });
    if (series !== '') text += declare(name, help) + series;
  }
  return text;
}

/** The lines before the series of a family: what it means and of which type it is. */
function declare(name: string, help: string): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return `# HELP ${name} ${escaped}\n# TYPE ${name} ${typeOf(name)}\n`;
}

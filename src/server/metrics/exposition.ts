import type { Family } from './family.ts';

/** Version 0.0.4 of the Prometheus text format. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The series of some families as text. What is missing makes no series, and a family without series is not
 * mentioned: to Prometheus, not-a-number is a measurement.
 */
export function exposition<T>(families: readonly Family<T>[], data: T): string {
  let text = '';
  for (const family of families) {
    let series = '';
    family.read(data, (labels, value) => {
      if (value === null || value === undefined) return;
      const number = Number(value);
      if (Number.isFinite(number)) series += `${family.name}${labels} ${number}\n`;
    });
    if (series !== '') text += family.declaration + series;
  }
  return text;
}

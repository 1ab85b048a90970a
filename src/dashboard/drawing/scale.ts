import { minutesAhead } from '../view/zone.ts';

/** The end of an axis that holds a value: 1, 2 or 5 times a power of ten, or a power of two for bytes. */
export function axisEnd(most: number, binary: boolean, least: number): number {
  const value = Math.max(most, least);
  if (!(value > 0)) return 1;
  if (binary && value >= 2) return 2 ** Math.ceil(Math.log2(value));
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value * 0.999) ?? 10;
  return factor * power;
}

/** Half the width of `00:00:00`, less the margin on the right, in heights of its font. */
const HALF_LABEL_EM = 1.7;

const TIME_STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
  3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000,
];

/** Seconds between the marks of a time axis, so that about `marks` of them fit. */
export function timeStep(span: number, marks: number): number {
  return TIME_STEPS.find((step) => step >= span / Math.max(marks, 1)) ?? TIME_STEPS.at(-1)!;
}

/** Moments at round times of the day in the page's zone. */
export function timeMarks(from: number, to: number, step: number): number[] {
  const shift = step >= 900 ? -minutesAhead(from) * 60 : 0;
  const marks: number[] = [];
  for (let mark = Math.ceil((from - shift) / step) * step + shift; mark <= to; mark += step) marks.push(mark);
  return marks;
}

/** Whether the text of a mark has room: at the right edge half of it would be cut off. */
export function hasRoom(mark: number, to: number, secondsPerPixel: number, fontPixels: number): boolean {
  return (to - mark) / secondsPerPixel > HALF_LABEL_EM * fontPixels;
}

import { clockAt } from '../view/zone.ts';

/** How numbers are written on the page. Each takes what can be had; what cannot is N/A and not its business. */
export type Format = (value: number) => string;

/** Three figures that mean something: 0.12, 3.4, 56.7, 890. */
function figures(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(size >= 0.995 ? 1 : 2);
}

function scaled(value: number, base: number, prefixes: readonly string[]): [text: string, prefix: string] {
  let rest = value;
  let index = 0;
  // 999.6 would be written as 1000: it belongs to the next prefix already.
  while (Math.abs(rest) >= base - 0.5 && index < prefixes.length - 1) {
    rest /= base;
    index++;
  }
  return [index === 0 ? rest.toFixed(0) : figures(rest), prefixes[index]!];
}

const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const DECIMAL = ['', 'k', 'M', 'G', 'T'];

export const percent: Format = (value) => `${value.toFixed(1)} %`;

export const bytes: Format = (value) => scaled(value, 1024, BINARY).join(' ');

export const bytesPerSecond: Format = (value) => `${bytes(value)}/s`;

/** /proc/vmstat counts pages in and out in KiB. */
export const kibPerSecond: Format = (value) => bytesPerSecond(value * 1024);

export const perSecond: Format = (value) => {
  if (value !== 0 && Math.abs(value) < 100) return `${figures(value)} /s`;
  const [text, prefix] = scaled(value, 1000, DECIMAL);
  return `${text}${prefix && ` ${prefix}`} /s`;
};

export const count: Format = (value) => value.toLocaleString('en-US').replaceAll(',', ' ');

export const plain: Format = (value) => (Number.isInteger(value) ? String(value) : figures(value));

export const load: Format = (value) => value.toFixed(2);

export const megahertz: Format = (value) =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} GHz` : `${value.toFixed(0)} MHz`;

export const celsius: Format = (value) => `${value.toFixed(1)} °C`;

export const milliseconds: Format = (value) => {
  if (value >= 10_000) return `${figures(value / 1000)} s`;
  return value < 1 ? `${value.toFixed(2)} ms` : `${value.toFixed(1)} ms`;
};

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** The time of day in the page's zone, with as many decimals as a distance between two samples calls for. */
export function timeOfDay(seconds: number, distance: number): string {
  // A mark at 19.9 s is stored as a little less; what is shown of a second is rounded, a clock is not.
  const unitMs = distance >= 1 || distance < 0.1 ? 1 : 100;
  const date = clockAt((Math.round((seconds * 1000) / unitMs) * unitMs) / 1000);
  const minutes = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  if (distance >= 60) return minutes;
  const text = `${minutes}:${pad(date.getUTCSeconds())}`;
  if (distance >= 1) return text;
  return `${text}.${pad(date.getUTCMilliseconds(), 3).slice(0, distance >= 0.1 ? 1 : 3)}`;
}

/** Date and time of day as a person says them: 24 Nov 02:06:23. */
export function moment(seconds: number, distance: number): string {
  const day = { day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  return `${clockAt(seconds).toLocaleDateString('en-GB', day)} ${timeOfDay(seconds, distance)}`;
}

/** A length of time in its largest fitting unit: 45 s, 2 min, 6 h, 3 d. */
export function span(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${plainNumber(seconds)} s`;
  if (seconds < 5400) return `${plainNumber(seconds / 60)} min`;
  if (seconds < 129_600) return `${plainNumber(seconds / 3600)} h`;
  return `${plainNumber(seconds / 86_400)} d`;
}

function plainNumber(value: number): string {
  return String(Number(value.toFixed(value < 10 ? 1 : 0)));
}

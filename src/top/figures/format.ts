/** Numbers in fixed widths, so that nothing moves while they change. What is not known is `N/A` in the same width. */

export const NOT_AVAILABLE = 'N/A';

const BYTE_UNITS = ['B  ', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const COUNT_UNITS = ['', 'k', 'M', 'G', 'T'] as const;

type Maybe = number | null | undefined;

function isKnown(value: Maybe): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Four characters: three significant digits, or the whole number below a kibi. */
function fourCharacters(value: number): string {
  if (value < 9.995) return value.toFixed(2);
  if (value < 99.95) return value.toFixed(1);
  return value.toFixed(0);
}

/** `12.3 MiB`, eight characters. */
export function bytes(value: Maybe): string {
  if (!isKnown(value)) return NOT_AVAILABLE.padStart(8);
  let scaled = Math.abs(value);
  let unit = 0;
  while (scaled >= 1023.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1_024;
    unit++;
  }
  const digits = unit === 0 ? scaled.toFixed(0) : fourCharacters(scaled);
  return `${digits.padStart(4)} ${BYTE_UNITS[unit]}`;
}

/** `12.3 MiB/s`, ten characters. */
export function byteRate(value: Maybe): string {
  if (!isKnown(value)) return NOT_AVAILABLE.padStart(10);
  const text = bytes(value);
  return `${text.trimEnd()}/s`.padEnd(10);
}

/** `12.3k`, five characters. */
export function count(value: Maybe): string {
  if (!isKnown(value)) return NOT_AVAILABLE.padStart(5);
  let scaled = Math.abs(value);
  let unit = 0;
  while (scaled >= 999.5 && unit < COUNT_UNITS.length - 1) {
    scaled /= 1_000;
    unit++;
  }
  const whole = unit === 0 && (scaled >= 99.95 || Number.isInteger(scaled));
  const digits = whole ? scaled.toFixed(0) : fourCharacters(scaled);
  return `${digits}${COUNT_UNITS[unit]}`.padStart(5);
}

/** `12.3k/s`, seven characters. */
export function countRate(value: Maybe): string {
  return isKnown(value) ? `${count(value)}/s` : NOT_AVAILABLE.padStart(7);
}

/** ` 23.4 %`, seven characters. */
export function percent(value: Maybe): string {
  if (!isKnown(value)) return NOT_AVAILABLE.padStart(7);
  return `${(value >= 999.95 ? value.toFixed(0) : value.toFixed(1)).padStart(5)} %`;
}

/** `12.3 ms`, seven characters; from a second on in seconds. */
export function milliseconds(value: Maybe): string {
  if (!isKnown(value)) return NOT_AVAILABLE.padStart(7);
  if (value >= 999.5) return `${fourCharacters(value / 1_000)} s `.padStart(7);
  return `${fourCharacters(value).padStart(4)} ms`;
}

/** A plain number, to that many decimals. */
export function decimal(value: Maybe, digits: number): string {
  return isKnown(value) ? value.toFixed(digits) : NOT_AVAILABLE;
}

import type { ClockSampling } from '../../model/snapshot.ts';

const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1e6;
const US_PER_MS = 1_000;

/** A program that knows how far off the clock is, and what it says. */
export interface ClockKeeper {
  readonly command: string;
  readonly args: readonly string[];
  /** Undefined for what says nothing of a clock that somebody keeps. */
  parse(text: string): ClockSampling | undefined;
}

/** Those that keep clocks on Linux, the finest first. */
export const CLOCK_KEEPERS: readonly ClockKeeper[] = [
  { command: 'chronyc', args: ['-c', 'tracking'], parse: parseChrony },
  { command: 'timedatectl', args: ['timesync-status'], parse: parseTimesyncd },
  { command: 'pmc', args: ['-u', '-b', '0', 'GET TIME_STATUS_NP'], parse: parsePtp },
];

/** Of the fields of `chronyc -c tracking`, those of interest. */
const REFERENCE = 0;
const CORRECTION = 4;
const ROOT_DELAY = 10;
const ROOT_DISPERSION = 11;
const LEAP = 13;
const FIELDS = 14;
/** A host that is its own reference, or has none. */
const OWN_REFERENCES: ReadonlySet<string> = new Set(['7F7F0101', '00000000']);

/** Of chrony: what it is about to correct the clock by, in seconds, positive where the clock is slow. */
export function parseChrony(text: string): ClockSampling | undefined {
  const fields = text.trim().split(',');
  if (fields.length < FIELDS) return undefined;
  const [correction, delay, dispersion] = [CORRECTION, ROOT_DELAY, ROOT_DISPERSION].map((field) =>
    Number(fields[field]),
  );
  const offset_ms = milliseconds(-correction! * MS_PER_SECOND);
  if (offset_ms === null) return undefined;
  return {
    source: 'chrony',
    offset_ms,
    // The bound that chrony gives for the error of its clock beside the offset itself.
    uncertainty_ms: milliseconds((dispersion! + delay! / 2) * MS_PER_SECOND),
    synchronised: fields[LEAP] !== 'Not synchronised' && !OWN_REFERENCES.has(fields[REFERENCE] ?? ''),
  };
}

/** Of systemd-timesyncd: what its latest measurement was, from the server's point of view. */
export function parseTimesyncd(text: string): ClockSampling | undefined {
  const told = new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^\s*([^:]+): (.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value.trim()] as const];
    }),
  );
  if (!told.has('Server')) return undefined;
  const offset = spanMs(told.get('Offset'));
  const distance = spanMs(told.get('Root distance'));
  const delay = spanMs(told.get('Delay'));
  return {
    source: 'timesyncd',
    offset_ms: offset === undefined ? null : milliseconds(-offset),
    uncertainty_ms: distance === undefined || delay === undefined ? null : milliseconds(distance + delay / 2),
    synchronised: offset !== undefined && told.get('Leap') === 'normal',
  };
}

/** Of ptp4l: what its clock is ahead of its master's, in nanoseconds. */
export function parsePtp(text: string): ClockSampling | undefined {
  const told = (name: string): string | undefined =>
    new RegExp(`^\\s*${name}\\s+(\\S+)\\s*$`, 'm').exec(text)?.[1];
  const offset = told('master_offset');
  if (offset === undefined) return undefined;
  return {
    source: 'ptp',
    offset_ms: milliseconds(Number(offset) / NS_PER_MS),
    uncertainty_ms: null,
    synchronised: told('gmPresent') === 'true',
  };
}

const SPAN_UNITS_MS: Readonly<Record<string, number>> = {
  us: 1 / US_PER_MS,
  ms: 1,
  s: MS_PER_SECOND,
  min: 60 * MS_PER_SECOND,
  h: 3_600 * MS_PER_SECOND,
};

/** A span as systemd writes it: `-1.103ms`, `+12us`, `34min 8s`; what stands in parentheses behind it is left out. */
function spanMs(text: string | undefined): number | undefined {
  const [, sign = '', span = ''] = /^([+-]?)([^(]+)/.exec(text ?? '') ?? [];
  let ms = 0;
  let count = 0;
  for (const part of span.trim().split(/\s+/)) {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(us|ms|s|min|h)$/.exec(part) ?? [];
    const unitMs = SPAN_UNITS_MS[unit];
    if (unitMs === undefined) return undefined;
    ms += Number(number) * unitMs;
    count++;
  }
  if (count === 0) return undefined;
  return sign === '-' ? -ms : ms;
}

/** With the digits the clock has; null for what is no number. */
function milliseconds(ms: number): number | null {
  return Number.isFinite(ms) ? Math.round(ms * US_PER_MS) / US_PER_MS + 0 : null;
}

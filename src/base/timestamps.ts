import { US_PER_MS } from './units.ts';

/** A time of the wall clock in both of its forms. */
export interface Moment {
  /** Microseconds since 1970. */
  readonly unixUs: number;
  /** ISO 8601 UTC with microseconds. */
  readonly text: string;
}

/** Unix microseconds of `2026-01-02T03:04:05.678901Z`, of which Date knows the milliseconds only; NaN for no time. */
export function unixMicroseconds(timestamp: string): number {
  const fraction = /\.\d{3}(\d{3})Z$/.exec(timestamp)?.[1] ?? '0';
  return Date.parse(timestamp) * US_PER_MS + Number(fraction);
}

/** ISO 8601 UTC with microseconds. */
export function isoTimestamp(unixUs: number): string {
  const us = String(unixUs % US_PER_MS).padStart(3, '0');
  return new Date(Math.floor(unixUs / US_PER_MS)).toISOString().replace('Z', `${us}Z`);
}

/** The moment a timestamp stands for. */
export function momentOf(text: string): Moment {
  return { unixUs: unixMicroseconds(text), text };
}

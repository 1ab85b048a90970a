/** Whose clock times are told by: the viewer's own, or UTC. */
export type Zone = 'local' | 'utc';

/** One for the whole page: charts, tables, SQL and addresses must not tell different times. */
let zone: Zone = 'local';

export function setZone(wanted: Zone): void {
  zone = wanted;
}

export function currentZone(): Zone {
  return zone;
}

/** Minutes the clock is ahead of UTC at a moment, in seconds since 1970. */
export function minutesAhead(seconds: number): number {
  return zone === 'utc' ? 0 : -new Date(seconds * 1000).getTimezoneOffset();
}

/** A date whose UTC fields are those of the clock. */
export function clockAt(seconds: number): Date {
  return new Date(Math.round(seconds * 1000) + minutesAhead(seconds) * 60_000);
}

/** A moment to the millisecond in ISO 8601, with the clock's distance from UTC. */
export function isoTime(seconds: number): string {
  const text = clockAt(seconds).toISOString();
  const ahead = minutesAhead(seconds);
  return ahead === 0 ? text : text.replace('Z', offsetText(ahead));
}

/** A moment of the clock as an input of date and time has it, in seconds since 1970. */
export function momentIn(text: string): number {
  return Date.parse(zone === 'utc' ? `${text}Z` : text) / 1000;
}

/** The zone's name, for what leaves the page. */
export function zoneText(): string {
  const ahead = minutesAhead(Date.now() / 1000);
  return ahead === 0 ? 'UTC' : `UTC${offsetText(ahead)}`;
}

/** `+02:00` */
export function offsetText(minutes: number): string {
  const pad = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${pad(size / 60)}:${pad(size % 60)}`;
}

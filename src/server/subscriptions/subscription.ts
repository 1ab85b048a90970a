import { HzstatError } from '../../base/errors.ts';
import { noSuch } from '../../base/nearest.ts';
import { formatDurationMs, parseDurationMs } from '../../base/units.ts';
import type { Position } from '../../records/position.ts';
import type { Protocol } from '../../wire/protocol/frames.ts';

export const STREAM_FORMATS = ['msgpack', 'json', 'msgpack-records'] as const;
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** Longer ones are a question for history; and beyond some length ticks cannot be counted exactly. */
const LONGEST_INTERVAL_MS = 86_400_000;

const PROTOCOLS = ['1', '2'] as const;

const INCIDENTS = ['yes', 'no'] as const;

const AGGREGATES = ['mean', 'minmax'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** What one client wants to be sent. */
export interface Subscription {
  readonly format: StreamFormat;
  /** Time between two frames, a multiple of the sampler's interval; 0 is every snapshot. */
  readonly intervalMs: number;
  /** Only these collectors, or undefined for all. */
  readonly collectors: readonly string[] | undefined;
  readonly aggregate: Aggregate;
  /** Always 1 but for records. */
  readonly protocol: Protocol;
  /** Whether it is told of incidents. */
  readonly incidents: boolean;
}

export interface SubscriptionSource {
  readonly intervalMs: number;
  readonly collectors: readonly { readonly name: string }[];
  /** Names of collectors that start when they are switched on for the first time. */
  readonly notStarted?: readonly string[];
}

/** What a client says it wants, as text; null where it does not say. */
export interface Wishes {
  readonly format: string | null;
  readonly interval: string | null;
  readonly collectors: string | null;
  readonly aggregate: string | null;
  readonly protocol: string | null;
  readonly incidents: string | null;
}

/**
 * What the wishes of a client come to.
 *
 * @throws HzstatError BAD_REQUEST naming the parameter, what was wrong with it and what is allowed
 */
export function parseSubscription(wishes: Wishes, source: SubscriptionSource): Subscription {
  const format = oneOf('format', wishes.format, STREAM_FORMATS);
  const protocol = oneOf('protocol', wishes.protocol, PROTOCOLS);
  return {
    format,
    protocol: format === 'msgpack-records' && protocol === '2' ? 2 : 1,
    intervalMs: parseInterval(wishes.interval, source.intervalMs),
    collectors: parseCollectors(wishes.collectors, source),
    aggregate: oneOf('aggregate', wishes.aggregate, AGGREGATES),
    incidents: oneOf('incidents', wishes.incidents, INCIDENTS) === 'yes',
  };
}

/** The same text for subscriptions that get the same snapshots as the same bytes. */
export function subscriptionKey(subscription: Subscription): string {
  const { format, protocol, intervalMs, collectors, aggregate } = subscription;
  return `${format} ${protocol} ${intervalMs} ${aggregate} ${collectors === undefined ? '*' : collectors.join(',')}`;
}

/** The sequence number behind which everything of a run lies. */
const BEFORE_ALL = -1;
/** So far back a second more or less is no matter. */
const COARSE_FROM_MS = 30_000;
const COARSE_STEP_MS = 1_000;

/**
 * Where a client wants to begin: a duration back from now, the last sequence number it has seen, or a time. A
 * sequence number of another run means nothing here; then the time that came with it counts.
 *
 * @param run of the server, and what the client knows: the run its sequence number is of, the time of that snapshot
 * @throws HzstatError BAD_REQUEST
 */
export function parsePosition(
  since: string | null,
  run: string,
  known: { readonly run: string | null; readonly after: string | null },
  nowMs = Date.now(),
): Position | undefined {
  if (since === null) return undefined;
  if (/^-?\d+$/.test(since)) {
    const sequence = Number(since);
    if (!Number.isSafeInteger(sequence)) {
      throw new HzstatError('BAD_REQUEST', `since ${since}: no sequence number is as large as that`);
    }
    if (known.run === null || known.run === run) return { sequence: Math.max(sequence, BEFORE_ALL) };
    return known.after === null ? { sequence: BEFORE_ALL } : { timestamp: parseTime('after', known.after) };
  }
  if (/^\d{4}-/.test(since)) return { timestamp: parseTime('since', since) };
  try {
    const durationMs = parseDurationMs(since);
    // Nothing was recorded before this clock began.
    const fromMs = Math.max(nowMs - durationMs, 0);
    // All who come within a second begin at the same place, so that one reader serves them.
    const stepMs = durationMs >= COARSE_FROM_MS ? COARSE_STEP_MS : 1;
    return { timestamp: new Date(Math.floor(fromMs / stepMs) * stepMs).toISOString() };
  } catch (cause) {
    const message = `since ${since}: write a duration (5m), a time (2026-01-02T03:04:05Z) or the last sequence number seen (1234)`;
    throw new HzstatError('BAD_REQUEST', message, { cause });
  }
}

/** ISO 8601 UTC of four-digit years, to be compared with timestamps as text. */
function parseTime(name: string, text: string): string {
  const ms = Date.parse(text);
  const time = Number.isNaN(ms) ? '' : new Date(ms).toISOString();
  if (!/^\d{4}-/.test(time)) {
    throw new HzstatError('BAD_REQUEST', `${name} ${text} is no time: write 2026-01-02T03:04:05Z`);
  }
  // Finer than a millisecond only as it was written.
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{4,6}Z$/.test(text) ? text : time;
}

function oneOf<T extends string>(name: string, text: string | null, allowed: readonly [T, ...T[]]): T {
  if (text === null) return allowed[0];
  const found = allowed.find((value) => value === text);
  if (found !== undefined) return found;
  throw new HzstatError('BAD_REQUEST', `there is no ${name} "${text}"; there are ${allowed.join(', ')}`);
}

/** An interval becomes a whole number of ticks, the next longer one if need be. */
function parseInterval(text: string | null, tickMs: number): number {
  if (text === null) return 0;
  let intervalMs: number;
  try {
    intervalMs = parseDurationMs(text);
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', `interval ${String(text)}: write 100ms, 1s or 5m`, { cause });
  }
  if (intervalMs > LONGEST_INTERVAL_MS) {
    const longest = formatDurationMs(LONGEST_INTERVAL_MS);
    throw new HzstatError('BAD_REQUEST', `interval ${text} is longer than ${longest}, the longest there is`);
  }
  if (intervalMs < tickMs) {
    const message = `interval ${text} is shorter than the sampler's own ${formatDurationMs(tickMs)}`;
    throw new HzstatError('BAD_REQUEST', message);
  }
  const ticks = Math.ceil(intervalMs / tickMs);
  return ticks === 1 ? 0 : ticks * tickMs;
}

function parseCollectors(
  text: string | null,
  { collectors, notStarted = [] }: SubscriptionSource,
): readonly string[] | undefined {
  if (text === null) return undefined;
  const known = collectors.map(({ name }) => name);
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const message = notStarted.includes(unknown)
      ? `the collector "${unknown}" is not started; "hzstat collectors on ${unknown}" starts it`
      : noSuch('collector', unknown, known);
    throw new HzstatError('BAD_REQUEST', message);
  }
  return known.filter((name) => wanted.includes(name));
}

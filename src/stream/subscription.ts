import { HzstatError } from '../shared/errors.ts';
import { formatDurationMs, parseDurationMs } from '../shared/units.ts';

export type StreamFormat = 'msgpack' | 'json';

/** What one client wants to be sent. */
export interface Subscription {
  readonly format: StreamFormat;
  /** Ticks per frame: 1 is every snapshot. */
  readonly everyTicks: number;
  /** Only these collectors, or undefined for all. */
  readonly collectors: readonly string[] | undefined;
}

/**
 * Reads a subscription from the query of `GET /stream`.
 *
 * @throws HzstatError BAD_REQUEST naming the parameter, what was wrong with it and what is allowed
 */
export function parseSubscription(
  query: URLSearchParams,
  source: { readonly intervalMs: number; readonly collectors: readonly { readonly name: string }[] },
): Subscription {
  return {
    format: parseFormat(query.get('format')),
    everyTicks: parseInterval(query.get('interval'), source.intervalMs),
    collectors: parseCollectors(
      query.get('collectors'),
      source.collectors.map(({ name }) => name),
    ),
  };
}

/** The same text for subscriptions that get the same bytes. */
export function subscriptionKey({ format, everyTicks, collectors }: Subscription): string {
  return `${format} ${everyTicks} ${collectors === undefined ? '*' : collectors.join(',')}`;
}

function parseFormat(text: string | null): StreamFormat {
  if (text === null || text === 'msgpack') return 'msgpack';
  if (text === 'json') return 'json';
  throw new HzstatError('BAD_REQUEST', `there is no format "${text}"; there are msgpack and json`);
}

/** An interval becomes a whole number of ticks, the next longer one if need be. */
function parseInterval(text: string | null, tickMs: number): number {
  if (text === null) return 1;
  let intervalMs: number;
  try {
    intervalMs = parseDurationMs(text);
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', `interval ${String(text)}: write 100ms, 1s or 5m`, { cause });
  }
  if (intervalMs < tickMs) {
    const message = `interval ${text} is shorter than the sampler's own ${formatDurationMs(tickMs)}`;
    throw new HzstatError('BAD_REQUEST', message);
  }
  return Math.ceil(intervalMs / tickMs);
}

function parseCollectors(text: string | null, known: readonly string[]): readonly string[] | undefined {
  if (text === null) return undefined;
  const wanted = text.split(',').map((name) => name.trim());
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new HzstatError('BAD_REQUEST', `there is no collector "${unknown}"; there are ${known.join(', ')}`);
  }
  return known.filter((name) => wanted.includes(name));
}

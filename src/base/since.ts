import { HzstatError } from './errors.ts';
import { parseDurationMs } from './units.ts';

/**
 * How far back, as a time (ISO 8601): a duration such as `1h`, or a time itself.
 *
 * @throws HzstatError BAD_REQUEST for what is neither
 */
export function sinceWhen(text: string): string {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  try {
    return new Date(Math.max(0, Date.now() - parseDurationMs(text))).toISOString();
  } catch (cause) {
    const message = `since ${text}: write a duration (1h) or a time (2026-01-02T03:04:05Z)`;
    throw new HzstatError('BAD_REQUEST', message, { cause });
  }
}

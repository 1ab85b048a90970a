import { HzstatError } from '../../base/errors.ts';
import type { Mark } from '../../model/incidents/incident.ts';
import type { MarkKeeper } from '../source/source.ts';
import type { Router } from './router.ts';

const MOST_BODY_BYTES = 4 * 1024;
const LONGEST_TEXT = 200;
const FORM = 'send {"text": "deploy 42"}, with a "timestamp" where it is not about now';

/** Notes people put on the time axis. */
export function addMarks(router: Router, marks: MarkKeeper | undefined): void {
  router.post(
    '/marks',
    async (reply) => {
      if (marks === undefined) {
        throw new HzstatError(
          'HISTORY_DISABLED',
          'a mark would not last: hzstat was started with --no-history',
        );
      }
      const mark = markIn(await reply.body(MOST_BODY_BYTES));
      await marks.mark(mark);
      reply.json(201, mark);
    },
    'send a mark as the body of a POST to /marks',
  );
}

/** @throws HzstatError BAD_REQUEST saying what a mark is */
function markIn(body: string): Mark {
  const { text, timestamp } = fieldsOf(body);
  if (typeof text !== 'string' || text.trim() === '' || text.length > LONGEST_TEXT) {
    throw new HzstatError('BAD_REQUEST', `a mark has a text of 1 to ${LONGEST_TEXT} characters: ${FORM}`);
  }
  return { timestamp: timeOf(timestamp), text: text.trim() };
}

function fieldsOf(body: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new HzstatError('BAD_REQUEST', `the body is not JSON; ${FORM}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HzstatError('BAD_REQUEST', FORM);
  return { ...value };
}

/** @throws HzstatError BAD_REQUEST for what is no time of a four-digit year */
function timeOf(timestamp: unknown): string {
  if (timestamp === undefined || timestamp === null) return new Date().toISOString();
  const ms = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  const time = Number.isNaN(ms) ? '' : new Date(ms).toISOString();
  if (/^\d{4}-/.test(time)) return time;
  throw new HzstatError(
    'BAD_REQUEST',
    `timestamp ${JSON.stringify(timestamp)} is no time: write 2026-01-02T03:04:05Z`,
  );
}

import { isCollectorName } from '../../model/collectors.ts';
import { type Outline, Slot } from '../../records/slot.ts';

/** A number of a collector of the user's, with the path to it: `queues.mail.length`. */
interface CustomRow {
  readonly labels: readonly [collector: string, field: string];
  readonly fields: { readonly value: number | Slot };
}

/** What a snapshot has besides what collectors deliver. */
const NO_COLLECTORS: ReadonlySet<string> = new Set(['sequence', 'sampling']);

/**
 * The numbers of all collectors that are not built in: nobody knows beforehand which fields they have, so each is a
 * row of its own. Texts and flags are not recorded.
 */
export function* customRows(snapshot: Outline): Iterable<CustomRow> {
  for (const [collector, data] of Object.entries(snapshot)) {
    if (!isCollectorName(collector) && !NO_COLLECTORS.has(collector)) yield* numbersIn(data, collector, '');
  }
}

function* numbersIn(value: unknown, collector: string, path: string): Iterable<CustomRow> {
  // Where there is null for once, the row is left out.
  if (typeof value === 'number' || (value instanceof Slot && value.kind === 'number')) {
    yield { labels: [collector, path], fields: { value } };
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    yield* numbersIn(item, collector, path === '' ? key : `${path}.${key}`);
  }
}

import { isCollectorName } from '../../model/collectors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { Slot } from './slot.ts';

/** A number of a collector of the user's, with the path to it: `queues.mail.length`. */
interface CustomRow {
  readonly labels: readonly [collector: string, field: string];
  readonly fields: { readonly value: number | Slot };
}

/**
 * The numbers of all collectors that are not built in: nobody knows beforehand which fields they have, so each is a
 * row of its own. Texts and flags are not recorded.
 */
export function* customRows(snapshot: Snapshot): Iterable<CustomRow> {
  for (const collector of Object.keys(snapshot.sampling.collectors)) {
    if (isCollectorName(collector)) continue;
    yield* numbersIn(snapshot[collector as keyof Snapshot], collector, '');
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

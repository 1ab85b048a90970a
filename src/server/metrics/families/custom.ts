import { isCollectorName } from '../../../model/collectors.ts';
import type { Snapshot } from '../../../model/snapshot.ts';
import { type Family, forEach, gauge, type Row } from '../family.ts';
import { labelsOf } from '../labels.ts';

/** The numbers of collectors of the user's, of which nobody knows beforehand which they are. */
export const CUSTOM_FAMILIES: readonly Family<Snapshot>[] = forEach(numbersOf, [
  gauge<number>(
    'hzstat_custom',
    'A number that a collector of your own delivered, by the path to it, such as queues.mail.length.',
    (value) => value,
  ),
]);

function numbersOf(snapshot: Snapshot): Iterable<Row<number>> {
  // Two paths can read alike, as with a dot in a name; no series may be there twice.
  const rows = new Map<string, number>();
  for (const collector of Object.keys(snapshot.sampling.collectors)) {
    if (isCollectorName(collector)) continue;
    gather(snapshot[collector as keyof Snapshot], '', (field, value) =>
      rows.set(labelsOf({ collector, field }), value),
    );
  }
  return rows;
}

function gather(value: unknown, path: string, add: (field: string, value: number) => void): void {
  if (typeof value === 'number') add(path, value);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) gather(item, path === '' ? key : `${path}.${key}`, add);
}

import { isoTimestamp } from '../../base/timestamps.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { RecordLayout } from '../../records/layout.ts';
import { splitParts } from '../../records/parts.ts';
import { unpack } from '../../records/unpack.ts';
import { WORDED_FAMILIES } from '../../series/families.ts';
import type { SampleBatch } from '../encoding/sample_batch.ts';
import type { SeriesRegistry } from '../encoding/series_registry.ts';

interface Recorded {
  readonly unixUs: number;
  readonly sequence: number;
  readonly layout: RecordLayout;
  readonly row: Float64Array;
}

/** Adds what a snapshot says in words: states of collectors, of history and of file systems. */
export function addWorded(recorded: Recorded, registry: SeriesRegistry, batch: SampleBatch): void {
  const snapshot = lazySnapshot(recorded);
  if (snapshot === undefined) return;
  for (const { name, read } of WORDED_FAMILIES) {
    read(snapshot, (labels, value) => {
      if (value === null || value === undefined) return;
      const number = Number(value);
      if (Number.isFinite(number)) batch.add(registry.numberOf(name, labels), number);
    });
  }
}

/** The snapshot as an object, of which only those parts are made that are looked at. */
function lazySnapshot({ unixUs, sequence, layout, row }: Recorded): Snapshot | undefined {
  const parts = splitParts({ layout, row });
  if (parts?.has('sampling') !== true) return undefined;
  const snapshot: object = { type: 'snapshot', sequence, timestamp: isoTimestamp(unixUs) };
  for (const [name, part] of parts) {
    let made: Record<string, unknown> | undefined;
    Object.defineProperty(snapshot, name, {
      enumerable: true,
      get: () => {
        made ??= unpack(part);
        return made;
      },
    });
  }
  // What was recorded is what the collectors made.
  return snapshot as Snapshot;
}

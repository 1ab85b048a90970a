import type { PackedSnapshot } from './packed_snapshot.ts';
import type { RecordLayout } from './records/layout.ts';

/** Layouts that take turns, as when a collector is late now and then. */
const MOST_LAYOUTS = 256;

/** The name of the part of a snapshot that no collector delivers. */
const SAMPLING = 'sampling';

/** The layouts of whole snapshots: the same object for snapshots whose parts have the same layouts. */
export class SnapshotLayouts {
  /** The one of the latest snapshot first. */
  readonly #known: RecordLayout[] = [];

  of(snapshot: PackedSnapshot): RecordLayout {
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const layout = known[i]!;
      if (!fits(layout, snapshot)) continue;
      if (i > 0) known.unshift(...known.splice(i, 1));
      return layout;
    }
    const layout: RecordLayout = {
      kind: 'map',
      keys: [...snapshot.parts.keys(), SAMPLING],
      values: [...[...snapshot.parts.values()].map((part) => part.layout), snapshot.sampling.layout],
    };
    known.unshift(layout);
    known.length = Math.min(known.length, MOST_LAYOUTS);
    return layout;
  }
}

function fits({ keys, values }: RecordLayout, { parts, sampling }: PackedSnapshot): boolean {
  // The one that differs most often comes first.
  if (values.at(-1) !== sampling.layout || keys.length !== parts.size + 1) return false;
  let i = 0;
  for (const [name, { layout }] of parts) {
    if (values[i] !== layout || keys[i] !== name) return false;
    i++;
  }
  return true;
}

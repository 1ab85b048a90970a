import type { RecordLayout } from './layout.ts';
import type { PackedSnapshot } from './packed_snapshot.ts';

/** Layouts that are remembered: some take turns, as when a collector is late now and then. */
const MOST_LAYOUTS = 256;

/** The name of the part of a snapshot that no collector delivers. */
const SAMPLING = 'sampling';

/** The layouts of whole snapshots: the same object for snapshots whose parts have the same layouts. */
export class SnapshotLayouts {
  /** By the layout of `sampling`, which is another one for every set of collectors that deliver. */
  #known = new Map<RecordLayout, RecordLayout[]>();
  #count = 0;

  of(snapshot: PackedSnapshot): RecordLayout {
    const known = this.#known.get(snapshot.sampling.layout);
    if (known !== undefined) {
      for (let i = 0; i < known.length; i++) if (fits(known[i]!, snapshot)) return known[i]!;
    }
    const layout: RecordLayout = {
      kind: 'map',
      keys: [...snapshot.parts.keys(), SAMPLING],
      values: [...[...snapshot.parts.values()].map((part) => part.layout), snapshot.sampling.layout],
    };
    this.#remember(snapshot.sampling.layout, layout);
    return layout;
  }

  #remember(sampling: RecordLayout, layout: RecordLayout): void {
    if (this.#count === MOST_LAYOUTS) {
      this.#known = new Map();
      this.#count = 0;
    }
    this.#count++;
    const known = this.#known.get(sampling);
    if (known === undefined) this.#known.set(sampling, [layout]);
    else known.unshift(layout);
  }
}

function fits({ keys, values }: RecordLayout, { parts, sampling }: PackedSnapshot): boolean {
  if (keys.length !== parts.size + 1 || values[parts.size] !== sampling.layout) return false;
  let i = 0;
  for (const [name, { layout }] of parts) {
    if (values[i] !== layout || keys[i] !== name) return false;
    i++;
  }
  return true;
}

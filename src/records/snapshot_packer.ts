import { momentOf } from '../base/timestamps.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { PackedRecord } from './layout.ts';
import { PackedSnapshot, SAMPLING } from './packed_snapshot.ts';
import { Packer } from './packer.ts';

const NO_COLLECTORS = new Set(['type', 'sequence', 'timestamp', SAMPLING]);

/** Packs snapshots that come as objects and look alike most of the time. */
export class SnapshotPacker {
  readonly #packers = new Map<string, Packer>();

  pack(snapshot: Snapshot): PackedSnapshot {
    const parts = new Map<string, PackedRecord>();
    for (const [name, data] of Object.entries(snapshot)) {
      if (!NO_COLLECTORS.has(name)) parts.set(name, this.#packer(name).pack(data));
    }
    parts.set(SAMPLING, this.#packer(SAMPLING).pack(snapshot.sampling));
    return new PackedSnapshot(snapshot.sequence, momentOf(snapshot.timestamp), parts);
  }

  #packer(name: string): Packer {
    let packer = this.#packers.get(name);
    if (packer === undefined) {
      packer = new Packer();
      this.#packers.set(name, packer);
    }
    return packer;
  }
}

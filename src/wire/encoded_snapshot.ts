import type { Snapshot } from '../model/snapshot.ts';
import type { PackedSnapshot } from '../records/packed_snapshot.ts';
import { encodeSnapshot } from './snapshot_encoder.ts';

/** A snapshot on its way out: whoever needs its frame, or it as an object, shares the one that is made. */
export class EncodedSnapshot {
  readonly packed: PackedSnapshot;
  #frame: Uint8Array | undefined;

  constructor(packed: PackedSnapshot) {
    this.packed = packed;
  }

  get sequence(): number {
    return this.packed.sequence;
  }

  get timestamp(): string {
    return this.packed.timestamp;
  }

  get snapshot(): Snapshot {
    return this.packed.snapshot;
  }

  /** The MessagePack frame, made once. */
  get frame(): Uint8Array {
    this.#frame ??= encodeSnapshot(this.packed);
    return this.#frame;
  }
}

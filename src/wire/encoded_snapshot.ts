import type { Snapshot } from '../model/snapshot.ts';
import type { PackedSnapshot } from '../records/packed_snapshot.ts';
import { encodeSnapshot } from './snapshot_encoder.ts';

/** A snapshot on its way out. Its frame and its object are made once, on demand, and shared. */
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

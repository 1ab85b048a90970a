import type { EncodedRecord } from './records_encoder.ts';

/** What one reader of records was told of their layouts. */
export class ToldLayouts {
  /** Weak: what the encoder has forgotten will not be asked about again. */
  readonly #told = new WeakSet<Uint8Array>();

  /** A record as this reader needs it: behind the frame of its layout, when that is new to it. */
  framesOf({ record, layout }: EncodedRecord): Uint8Array[] {
    if (this.#told.has(layout)) return [record];
    this.#told.add(layout);
    return [layout, record];
  }
}

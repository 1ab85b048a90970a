import { compress } from 'snappyjs';

/** In the block format of snappy, which remote write prescribes. */
export function snappyBlock(bytes: Uint8Array): Uint8Array {
  return compress(bytes);
}

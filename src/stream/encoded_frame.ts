import { encodeFrame, encodeFrameJson } from '../wire/codec.ts';
import type { Frame } from '../wire/frames.ts';
import type { EncodedRecord } from '../wire/records_encoder.ts';
import type { StreamFormat } from './subscription.ts';

/**
 * A frame ready to be sent: bytes go out as a binary message, text as a text message, a record behind its layout
 * unless the client has that.
 */
export type EncodedFrame = Uint8Array | string | EncodedRecord;

export function encode(frame: Frame, format: StreamFormat): Uint8Array | string {
  return format === 'json' ? encodeFrameJson(frame) : encodeFrame(frame);
}

import { encodeFrame, encodeFrameJson } from '../../wire/packing/codec.ts';
import type { Frame } from '../../wire/protocol/frames.ts';
import type { EncodedRecord } from '../../wire/records/records_encoder.ts';
import type { StreamFormat } from '../subscriptions/subscription.ts';

/**
 * A frame ready to be sent: bytes go out as a binary message, text as a text message, a record behind its layout
 * unless the client has that.
 */
export type EncodedFrame = Uint8Array | string | EncodedRecord;

export function encode(frame: Frame, format: StreamFormat): Uint8Array | string {
  return format === 'json' ? encodeFrameJson(frame) : encodeFrame(frame);
}

import { encodeFrame, encodeFrameJson } from '../wire/codec.ts';
import type { Frame } from '../wire/frames.ts';
import type { StreamFormat } from './subscription.ts';

/** A frame ready to be sent: bytes go out as a binary message, text as a text message. */
export type EncodedFrame = Uint8Array | string;

export function encode(frame: Frame, format: StreamFormat): EncodedFrame {
  return format === 'json' ? encodeFrameJson(frame) : encodeFrame(frame);
}

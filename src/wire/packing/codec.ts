import { type Options, Packr } from '#msgpackr';
import type { Frame } from '../protocol/frames.ts';

// Plain maps and no extension types, so that any MessagePack library reads the frames; an undefined value (a rate
// that is not known yet) is left out, as JSON.stringify leaves it out.
const options: Options & { skipValues: readonly unknown[] } = {
  useRecords: false,
  variableMapSize: true,
  skipValues: [undefined],
};
const packr = new Packr(options);

/** A frame as MessagePack. The bytes are the caller's to keep. */
export function encodeFrame(frame: Frame): Uint8Array {
  return packr.pack(frame);
}

/**
 * A frame from MessagePack bytes this project wrote. Throws on bytes that are no MessagePack map with a `type`.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const value: unknown = packr.unpack(bytes);
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    throw new TypeError('not a frame: a MessagePack map with a "type" was expected');
  }
  return value as Frame;
}

/** Any MessagePack value, such as a client's message. Throws when the bytes are none, or more than one. */
export function decodeValue(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** A frame as one line of JSON, the same shape as the MessagePack form. */
export function encodeFrameJson(frame: Frame): string {
  return JSON.stringify(frame);
}

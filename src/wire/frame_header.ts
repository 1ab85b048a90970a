import { decodeFrame } from './codec.ts';

/** What every snapshot frame begins with. */
export interface FrameHeader {
  readonly sequence: number;
  readonly timestamp: string;
}

/** `"type": "snapshot", "sequence":` as the encoder writes it, behind the header of the map. */
const BEGINNING = Buffer.from('\xa4type\xa8snapshot\xa8sequence', 'latin1');
const TIMESTAMP = Buffer.from('\xa9timestamp', 'latin1');

/** Reads sequence and timestamp of a snapshot frame without decoding the rest; undefined when it is none. */
export function frameHeader(frame: Uint8Array): FrameHeader | undefined {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  return quickHeader(bytes) ?? decodedHeader(frame);
}

function quickHeader(bytes: Buffer): FrameHeader | undefined {
  const start = bytes[0] === 0xde ? 3 : 1;
  let at = start + BEGINNING.length;
  if (!bytes.subarray(start, at).equals(BEGINNING)) return undefined;
  const first = bytes[at++];
  if (first === undefined || at + 40 > bytes.length) return undefined;
  let sequence: number;
  if (first < 0x80) sequence = first;
  else if (first === 0xcc) sequence = bytes[at++]!;
  else if (first === 0xcd) {
    sequence = bytes.readUInt16BE(at);
    at += 2;
  } else if (first === 0xce) {
    sequence = bytes.readUInt32BE(at);
    at += 4;
  } else return undefined;
  if (!bytes.subarray(at, at + TIMESTAMP.length).equals(TIMESTAMP)) return undefined;
  at += TIMESTAMP.length;
  const length = bytes[at++]! - 0xa0;
  if (length < 0 || length > 31) return undefined;
  return { sequence, timestamp: bytes.toString('latin1', at, at + length) };
}

function decodedHeader(frame: Uint8Array): FrameHeader | undefined {
  try {
    const decoded = decodeFrame(frame);
    return decoded.type === 'snapshot'
      ? { sequence: decoded.sequence, timestamp: decoded.timestamp }
      : undefined;
  } catch {
    return undefined;
  }
}

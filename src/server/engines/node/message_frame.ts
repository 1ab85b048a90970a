const FINAL_TEXT = 0x81;
const FINAL_BINARY = 0x82;
const LONGEST_SHORT = 125;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;
const MOST_IN_16_BITS = 0xff_ff;

/** A message as the one WebSocket frame a server sends it in (RFC 6455, section 5.2): final, unmasked. */
export function messageFrame(message: Uint8Array | string): Buffer {
  const isText = typeof message === 'string';
  const bytes = isText ? Buffer.byteLength(message) : message.length;
  const headBytes = bytes <= LONGEST_SHORT ? 2 : bytes <= MOST_IN_16_BITS ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + bytes);
  frame[0] = isText ? FINAL_TEXT : FINAL_BINARY;
  if (headBytes === 2) frame[1] = bytes;
  else if (headBytes === 4) {
    frame[1] = LENGTH_IN_16_BITS;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = LENGTH_IN_64_BITS;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
  if (isText) frame.write(message, headBytes);
  else frame.set(message, headBytes);
  return frame;
}

/**
 * Frames of messages that go to many sockets in one turn of the event loop: each is made once, and the same bytes are
 * written to every socket.
 */
export class SharedFrames {
  readonly #frames = new Map<Uint8Array | string, Buffer>();

  of(message: Uint8Array | string): Buffer {
    let frame = this.#frames.get(message);
    if (frame === undefined) {
      if (this.#frames.size === 0) queueMicrotask(() => this.#frames.clear());
      frame = messageFrame(message);
      this.#frames.set(message, frame);
    }
    return frame;
  }
}

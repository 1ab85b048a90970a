const INITIAL_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;

/** Collects frames, each with its length before it, to be handed to another thread in one piece. */
export class FrameBuffer {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  count = 0;

  get byteLength(): number {
    return this.#length;
  }

  add(frame: Uint8Array): void {
    const end = this.#length + LENGTH_BYTES + frame.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    new DataView(this.#bytes.buffer).setUint32(this.#length, frame.length, true);
    this.#bytes.set(frame, this.#length + LENGTH_BYTES);
    this.#length = end;
    this.count++;
  }

  /** What was collected, as a copy that can be given away. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    this.count = 0;
    return taken;
  }
}

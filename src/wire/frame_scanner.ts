/** Where a value stands in the outline of a frame. */
export class Slot {
  readonly #index: number;

  constructor(index: number) {
    this.#index = index;
  }

  /** Not a property of its own, so that a slot looks like an object without any. */
  get index(): number {
    return this.#index;
  }
}

/** What frames of one shape have in common: every byte but those of the values. */
export interface FrameShape {
  /** The frame as an object, with a {@link Slot} in place of each number, text, flag and null. */
  readonly outline: object;
  /** The bytes before each value, and behind the last. */
  readonly pieces: readonly Uint8Array[];
  /** The latest text of each slot, which seldom is another than before. */
  readonly texts: (KnownText | undefined)[];
}

interface KnownText {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Shapes that take turns, as when a collector is late now and then. */
const MOST_SHAPES = 16;
const MISMATCH = -1;
const TWO_TO_32 = 2 ** 32;
const NULL = 0xc0;
const FALSE = 0xc2;
const TRUE = 0xc3;

/**
 * Reads the values of MessagePack frames that look alike, without making objects of them: the keys, which are most
 * of a frame, are only compared with those of the frame before.
 */
export class FrameScanner {
  /** The numbers of the frame scanned last, by slot; NaN for what is no number. */
  readonly numbers: number[] = [];
  /** Its texts, by slot; undefined for what is no text. */
  readonly texts: (string | undefined)[] = [];
  /** Its flags, by slot; undefined for what is no flag. */
  readonly flags: (boolean | undefined)[] = [];
  readonly #shapes: FrameShape[] = [];
  #frame: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(new ArrayBuffer(0));

  /**
   * Reads a frame.
   *
   * @throws TypeError or RangeError when the bytes are no map of numbers, texts, flags, lists and maps
   */
  scan(frame: Uint8Array): FrameShape {
    this.#frame = frame;
    this.#view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const shapes = this.#shapes;
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i]!;
      if (!this.#matches(shape)) continue;
      // The shape of the latest frame comes first: the next one most likely has it, too.
      if (i > 0) shapes.unshift(...shapes.splice(i, 1));
      return shape;
    }
    const shape = new ShapeMaker(frame).make();
    if (!this.#matches(shape)) throw new TypeError('not a frame');
    shapes.unshift(shape);
    shapes.length = Math.min(shapes.length, MOST_SHAPES);
    return shape;
  }

  #matches({ pieces, texts }: FrameShape): boolean {
    const last = pieces.length - 1;
    let at = 0;
    for (let slot = 0; slot < last; slot++) {
      at = this.#pass(pieces[slot]!, at);
      if (at === MISMATCH) return false;
      at = this.#readValue(at, slot, texts);
      if (at === MISMATCH) return false;
    }
    return this.#pass(pieces[last]!, at) === this.#frame.length;
  }

  /** Behind these bytes, if they stand here. */
  #pass(piece: Uint8Array, at: number): number {
    const frame = this.#frame;
    for (let i = 0; i < piece.length; i++) if (frame[at + i] !== piece[i]) return MISMATCH;
    return at + piece.length;
  }

  /** Behind the value that stands here, unless it is a list or a map. */
  #readValue(at: number, slot: number, known: (KnownText | undefined)[]): number {
    const frame = this.#frame;
    const lead = frame[at];
    if (lead === undefined) return MISMATCH;
    const length = valueLength(frame, at);
    if (length === MISMATCH || at + length > frame.length) return MISMATCH;
    this.flags[slot] = lead === TRUE ? true : lead === FALSE ? false : undefined;
    const header = textHeaderLength(lead);
    if (header === 0) {
      this.texts[slot] = undefined;
      this.numbers[slot] = numberAt(this.#view, at, lead);
    } else {
      this.numbers[slot] = Number.NaN;
      this.texts[slot] = textOf(frame, at + header, at + length, slot, known);
    }
    return at + length;
  }
}

/** Takes a frame apart for the first time. */
class ShapeMaker {
  readonly #frame: Uint8Array;
  readonly #view: DataView;
  readonly #pieces: Uint8Array[] = [];
  #at = 0;
  /** Where the piece under way began. */
  #from = 0;

  constructor(frame: Uint8Array) {
    this.#frame = frame;
    this.#view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  }

  make(): FrameShape {
    const outline = this.#value();
    if (typeof outline !== 'object' || outline === null || outline instanceof Slot || Array.isArray(outline))
      throw new TypeError('not a frame: no map');
    if (this.#at !== this.#frame.length) throw new TypeError('not a frame: it does not end where it should');
    this.#pieces.push(this.#frame.slice(this.#from));
    return { outline, pieces: this.#pieces, texts: [] };
  }

  #value(): unknown {
    const lead = this.#view.getUint8(this.#at);
    if ((lead & 0xf0) === 0x80) return this.#map(lead & 0x0f, 1);
    if (lead === 0xde) return this.#map(this.#view.getUint16(this.#at + 1), 3);
    if (lead === 0xdf) return this.#map(this.#view.getUint32(this.#at + 1), 5);
    if ((lead & 0xf0) === 0x90) return this.#list(lead & 0x0f, 1);
    if (lead === 0xdc) return this.#list(this.#view.getUint16(this.#at + 1), 3);
    if (lead === 0xdd) return this.#list(this.#view.getUint32(this.#at + 1), 5);
    const length = valueLength(this.#frame, this.#at);
    if (length === MISMATCH) throw new TypeError(`no value of a frame begins with byte ${lead}`);
    this.#pieces.push(this.#frame.slice(this.#from, this.#at));
    this.#at += length;
    this.#from = this.#at;
    return new Slot(this.#pieces.length - 1);
  }

  #map(entries: number, header: number): Record<string, unknown> {
    this.#at += header;
    const map: Record<string, unknown> = {};
    for (let i = 0; i < entries; i++) {
      const key = this.#key();
      // Assigned, `__proto__` would be swallowed: an interface or a device may be called anything.
      Object.defineProperty(map, key, {
        value: this.#value(),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return map;
  }

  #list(items: number, header: number): unknown[] {
    this.#at += header;
    const list: unknown[] = [];
    for (let i = 0; i < items; i++) list.push(this.#value());
    return list;
  }

  #key(): string {
    const header = textHeaderLength(this.#view.getUint8(this.#at));
    if (header === 0) throw new TypeError('a key that is no text');
    const end = this.#at + valueLength(this.#frame, this.#at);
    const key = decodeText(this.#frame, this.#at + header, end);
    this.#at = end;
    return key;
  }
}

/** Bytes of a number, text, flag or null with its header; MISMATCH for anything else. */
function valueLength(frame: Uint8Array, at: number): number {
  const lead = frame[at]!;
  if (lead < 0x80 || lead >= 0xe0) return 1;
  if ((lead & 0xe0) === 0xa0) return 1 + (lead & 0x1f);
  switch (lead) {
    case NULL:
    case FALSE:
    case TRUE:
      return 1;
    case 0xcc:
    case 0xd0:
      return 2;
    case 0xcd:
    case 0xd1:
      return 3;
    case 0xca:
    case 0xce:
    case 0xd2:
      return 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return 9;
    case 0xd9:
      return 2 + (frame[at + 1] ?? 0);
    case 0xda:
      return 3 + (frame[at + 1] ?? 0) * 256 + (frame[at + 2] ?? 0);
    default:
      return MISMATCH;
  }
}

/** Bytes before a text's own; 0 where there is no text. */
function textHeaderLength(lead: number): number {
  if ((lead & 0xe0) === 0xa0) return 1;
  if (lead === 0xd9) return 2;
  return lead === 0xda ? 3 : 0;
}

function numberAt(view: DataView, at: number, lead: number): number {
  if (lead < 0x80) return lead;
  if (lead >= 0xe0) return lead - 0x100;
  switch (lead) {
    case 0xca:
      return view.getFloat32(at + 1);
    case 0xcb:
      return view.getFloat64(at + 1);
    case 0xcc:
      return view.getUint8(at + 1);
    case 0xcd:
      return view.getUint16(at + 1);
    case 0xce:
      return view.getUint32(at + 1);
    case 0xcf:
      return view.getUint32(at + 1) * TWO_TO_32 + view.getUint32(at + 5);
    case 0xd0:
      return view.getInt8(at + 1);
    case 0xd1:
      return view.getInt16(at + 1);
    case 0xd2:
      return view.getInt32(at + 1);
    case 0xd3:
      return view.getInt32(at + 1) * TWO_TO_32 + view.getUint32(at + 5);
    default:
      return Number.NaN;
  }
}

/** The text between two places, taken from the frame before where it is the same. */
function textOf(
  frame: Uint8Array,
  from: number,
  to: number,
  slot: number,
  known: (KnownText | undefined)[],
): string {
  const before = known[slot];
  if (before !== undefined && isAt(frame, from, to, before.bytes)) return before.text;
  const text = decodeText(frame, from, to);
  known[slot] = { bytes: frame.slice(from, to), text };
  return text;
}

function isAt(frame: Uint8Array, from: number, to: number, bytes: Uint8Array): boolean {
  if (bytes.length !== to - from) return false;
  // Of times, the end differs most.
  for (let i = bytes.length - 1; i >= 0; i--) if (frame[from + i] !== bytes[i]) return false;
  return true;
}

const decoder = new TextDecoder();

function decodeText(frame: Uint8Array, from: number, to: number): string {
  return decoder.decode(frame.subarray(from, to));
}

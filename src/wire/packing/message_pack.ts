/** MessagePack values where they stand: numbers, texts, flags and null, which is what a record consists of. */

export const NULL = 0xc0;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
const TWO_TO_32 = 2 ** 32;

/** Bytes of a number, text, flag or null with its header; -1 for anything else. */
export function valueLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
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
      return 2 + (bytes[at + 1] ?? 0);
    case 0xda:
      return 3 + (bytes[at + 1] ?? 0) * 256 + (bytes[at + 2] ?? 0);
    default:
      return -1;
  }
}

/** Bytes before a text's own; 0 where there is no text. */
export function textHeaderLength(lead: number): number {
  if ((lead & 0xe0) === 0xa0) return 1;
  if (lead === 0xd9) return 2;
  return lead === 0xda ? 3 : 0;
}

/** The number that begins here; NaN for null, and for what is no number. */
export function numberAt(view: DataView, at: number): number {
  const lead = view.getUint8(at);
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

/** What the header of a list says: how many items there are, and where the first begins; undefined for no list. */
export function listAt(
  bytes: Uint8Array,
  at: number,
  end: number,
): { items: number; first: number } | undefined {
  const lead = at < end ? bytes[at]! : NULL;
  if ((lead & 0xf0) === 0x90) return { items: lead & 0x0f, first: at + 1 };
  if (lead === 0xdc && at + 3 <= end) return { items: bytes[at + 1]! * 256 + bytes[at + 2]!, first: at + 3 };
  if (lead === 0xdd && at + 5 <= end) {
    let items = 0;
    for (let i = 1; i < 5; i++) items = items * 256 + bytes[at + i]!;
    return { items, first: at + 5 };
  }
  return undefined;
}

/** A record is a list, everything else a map. */
export function isRecord(frame: Uint8Array): boolean {
  const lead = frame[0] ?? 0;
  return (lead & 0xf0) === 0x90 || lead === 0xdc || lead === 0xdd;
}

export const LONGEST_NUMBER_BYTES = 9;

/**
 * NaN becomes nil. Whole numbers up to 32 bits take as few bytes as they need; of all others, those that single
 * precision holds exactly take five and the rest nine. Returns where the next value goes.
 */
export function putNumber(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if (value >= 0 && value <= 0xffff_ffff && value === value >>> 0) return putUnsigned(bytes, view, at, value);
  if (value < 0 && value >= -0x8000_0000 && value === value >> 0) {
    if (value >= -32) {
      bytes[at] = value & 0xff;
      return at + 1;
    }
    bytes[at] = 0xd2;
    view.setInt32(at + 1, value);
    return at + 5;
  }
  if (Number.isNaN(value)) {
    bytes[at] = 0xc0;
    return at + 1;
  }
  if (Math.fround(value) === value) {
    bytes[at] = 0xca;
    view.setFloat32(at + 1, value);
    return at + 5;
  }
  bytes[at] = 0xcb;
  view.setFloat64(at + 1, value);
  return at + 9;
}

function putUnsigned(bytes: Uint8Array, view: DataView, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < 0x100) {
    bytes[at] = 0xcc;
    bytes[at + 1] = value;
    return at + 2;
  }
  if (value < 0x1_0000) {
    bytes[at] = 0xcd;
    view.setUint16(at + 1, value);
    return at + 3;
  }
  bytes[at] = 0xce;
  view.setUint32(at + 1, value);
  return at + 5;
}

/** A text of at most 255 characters, all of them ASCII; returns where the next value goes. */
export function putAscii(bytes: Uint8Array, at: number, characters: Uint8Array): number {
  let next = at;
  if (characters.length < 32) bytes[next++] = 0xa0 | characters.length;
  else {
    bytes[next++] = 0xd9;
    bytes[next++] = characters.length;
  }
  for (let i = 0; i < characters.length; i++) bytes[next++] = characters[i]!;
  return next;
}

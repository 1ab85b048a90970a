import { varintLength, writeVarint } from './varint.ts';

/** Field 1 of a TimeSeries, and fields 1 and 2 of a Label, all of them length-delimited. */
const LABEL = 0x0a;
const NAME = 0x0a;
const VALUE = 0x12;

/**
 * The labels of a series as they stand in a message TimeSeries, in the order of their names, as receivers want them.
 * A label whose value is empty is none.
 */
export function labelBytes(labels: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const sorted = labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(
    sorted.map(([name, value]) => {
      const label = Buffer.concat([delimited(NAME, name), delimited(VALUE, value)]);
      return Buffer.concat([header(LABEL, label.length), label]);
    }),
  );
}

function delimited(tag: number, text: string): Uint8Array {
  // Half a character becomes the sign for that: for what is no UTF-8 a receiver would refuse the whole request.
  const bytes = Buffer.from(text);
  return Buffer.concat([header(tag, bytes.length), bytes]);
}

function header(tag: number, length: number): Uint8Array {
  const bytes = new Uint8Array(1 + varintLength(length));
  bytes[0] = tag;
  writeVarint(bytes, 1, length);
  return bytes;
}

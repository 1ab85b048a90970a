/** A series as a receiver of remote write sees it. */
export interface WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly value: number; readonly unixMs: number }[];
}

/** The series of a request, read by code that shares nothing with the sender: snappy, then protobuf. */
export function decodeWrite(body: Uint8Array): WrittenSeries[] {
  return decodeWriteRequest(uncompressed(body));
}

/** The block format of snappy. */
export function uncompressed(block: Uint8Array): Uint8Array {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++]!;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  const out = new Uint8Array(length);
  let to = 0;
  const little = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += block[at++]! * 2 ** (8 * i);
    return value;
  };
  while (at < block.length) {
    const tag = block[at++]!;
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const count = 1 + (short < 60 ? short : little(short - 59));
      out.set(block.subarray(at, at + count), to);
      at += count;
      to += count;
      continue;
    }
    const count = (tag & 3) === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2);
    const offset = (tag & 3) === 1 ? (tag >> 5) * 256 + little(1) : little((tag & 3) === 2 ? 2 : 4);
    if (offset === 0 || offset > to) throw new Error('a copy of what is not there');
    for (let i = 0; i < count; i++, to++) out[to] = out[to - offset]!;
  }
  if (to !== length) throw new Error(`${length} bytes were promised, ${to} came`);
  return out;
}

interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('ends in the middle of a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const type = key & 7;
    if (type === 0) yield { number: key >> 3, value: varint() };
    else if (type === 1 || type === 2) {
      const length = type === 1 ? 8 : Number(varint());
      if (at + length > bytes.length) throw new Error('ends in the middle of a field');
      yield { number: key >> 3, value: bytes.subarray(at, at + length) };
      at += length;
    } else throw new Error(`no wire type: ${type}`);
  }
}

function bytesOf({ value }: ProtobufField): Uint8Array {
  if (typeof value === 'bigint') throw new Error('a number in the place of bytes');
  return value;
}

export function decodeWriteRequest(bytes: Uint8Array): WrittenSeries[] {
  return [...protobufFields(bytes)].map((series) => {
    if (series.number !== 1) throw new Error(`no field of a WriteRequest: ${series.number}`);
    const labels: Record<string, string> = {};
    const samples: { value: number; unixMs: number }[] = [];
    let before = '';
    for (const field of protobufFields(bytesOf(series))) {
      const parts = [...protobufFields(bytesOf(field))];
      if (field.number === 1) {
        const [name = '', value = ''] = parts.map((part) =>
          new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(part)),
        );
        if (name <= before) throw new Error(`${name} stands behind ${before}`);
        before = name;
        labels[name] = value;
      } else {
        const [value, time] = parts;
        const double = bytesOf(value!);
        samples.push({
          value: new DataView(double.buffer, double.byteOffset, 8).getFloat64(0, true),
          unixMs: Number(time!.value),
        });
      }
    }
    return { labels, samples };
  });
}

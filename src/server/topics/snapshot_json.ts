import type { PackedRecord } from '../../records/layout.ts';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { unpack } from '../../records/unpack.ts';

/** What a collector delivered goes out in many selections, and becomes text once. */
const texts = new WeakMap<PackedRecord, string>();

/** The frame of a snapshot as a line of JSON, the same as of its object. */
export function snapshotJson({ sequence, timestamp, parts }: PackedSnapshot): string {
  let text = `{"type":"snapshot","sequence":${sequence},"timestamp":${JSON.stringify(timestamp)}`;
  for (const [name, part] of parts) text += `,${JSON.stringify(name)}:${textOf(part)}`;
  return `${text}}`;
}

function textOf(record: PackedRecord): string {
  let text = texts.get(record);
  if (text === undefined) {
    text = JSON.stringify(unpack(record));
    texts.set(record, text);
  }
  return text;
}

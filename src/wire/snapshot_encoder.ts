import type { PackedSnapshot } from '../records/packed_snapshot.ts';
import { ByteWriter } from './packing/byte_writer.ts';
import { writeRecord } from './records/record_template.ts';

const writer = new ByteWriter();
/** Type, sequence number and time. */
const FIELDS_OF_EVERY_SNAPSHOT = 3;

/**
 * The frame of a snapshot, byte for byte a map as any MessagePack library reads it. Made from the rows: what does
 * not change from tick to tick is copied from a template, and no object is built.
 */
export function encodeSnapshot({ sequence, timestamp, parts }: PackedSnapshot): Uint8Array {
  writer.mapHeader(FIELDS_OF_EVERY_SNAPSHOT + parts.size);
  writer.text('type');
  writer.text('snapshot');
  writer.text('sequence');
  writer.number(sequence);
  writer.text('timestamp');
  writer.text(timestamp);
  for (const [name, part] of parts) {
    writer.text(name);
    writeRecord(writer, part);
  }
  return writer.cut();
}

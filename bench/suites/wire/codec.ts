import { decodeFrame, encodeFrame, encodeFrameJson } from '../../../src/wire/packing/codec.ts';
import { RecordsEncoder } from '../../../src/wire/records/records_encoder.ts';
import { encodeSnapshot } from '../../../src/wire/snapshot_encoder.ts';
import type { Collected } from '../machines.ts';
import { snapshotsOf } from '../snapshots.ts';
import type { Suite } from '../suite.ts';

/** A snapshot on its way out, in each encoding, and back. */
export function codecSuite({ machine, data }: Collected): Suite {
  const [packed] = snapshotsOf(data, 1);
  if (packed === undefined) throw new Error('no snapshot');
  const { snapshot } = packed;
  const frame = encodeSnapshot(packed);
  const json = encodeFrameJson(snapshot);
  const records = new RecordsEncoder();
  const lean = records.encode(packed).record.length;
  return {
    source: `wire, ${machine}`,
    rows: [
      { name: `copying the ${frame.length} bytes of a frame`, control: true, run: () => frame.slice() },
      { name: `MessagePack of the rows, ${frame.length} bytes`, run: () => encodeSnapshot(packed) },
      { name: 'MessagePack of an object', run: () => encodeFrame(snapshot) },
      { name: `records, ${lean} bytes`, run: () => records.encode(packed) },
      { name: `JSON, ${json.length} bytes`, run: () => encodeFrameJson(snapshot) },
      { name: 'reading MessagePack', run: () => decodeFrame(frame) },
    ],
  };
}

import type { AnyData } from '../../../src/handover/messages.ts';
import { Packer } from '../../../src/records/packer.ts';
import { unpack } from '../../../src/records/unpack.ts';
import type { Collected } from '../machines.ts';
import type { Row, Suite } from '../suite.ts';

/** What a collector's thread does with its data, and what those do who want it back as an object. */
export function recordsSuite({ machine, data }: Collected): Suite {
  const collected = [...data.values()];
  const packers = collected.map(() => new Packer());
  const packAll = (): unknown[] => collected.map((data, index) => packers[index]!.pack(data));
  const packed = collected.map((data, index) => packers[index]!.pack(data));
  const rows: Row[] = [
    { name: 'nothing', control: true, run: () => collected.map((data: AnyData) => data) },
    { name: 'packing all collectors', run: packAll },
    { name: 'unpacking all', run: () => packed.map(unpack) },
    { name: 'structured clone, as a message would be', run: () => structuredClone(collected) },
  ];
  return { source: `shared/records, ${machine}`, rows };
}

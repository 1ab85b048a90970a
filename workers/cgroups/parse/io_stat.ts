import { malformed, requireWholeLines } from '../../parse/malformed.ts';

/** Places in a reading of what a group transferred. */
export const READ_BYTES = 0;
export const WRITE_BYTES = 1;
export const READS = 2;
export const WRITES = 3;
export const TRANSFERS = 4;

const KEYS: Readonly<Record<string, number>> = {
  rbytes: READ_BYTES,
  wbytes: WRITE_BYTES,
  rios: READS,
  wios: WRITES,
};
const DEVICE = /^\d+:\d+$/;

/** Tells what is read through other devices, which count the same bytes again: device-mapper, md. */
export type IsStacked = (device: string) => boolean;

/**
 * io.stat of version 2, a device a line, added up. Documentation/admin-guide/cgroup-v2.rst:
 *
 *     8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
 *
 * It is empty as long as the group transferred nothing, and a device may stand there without numbers.
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseIoStat(
  path: string,
  bytes: Buffer,
  length: number,
  isStacked: IsStacked,
  out: Float64Array,
): void {
  const rows = linesOf(path, bytes, length).map((line) => {
    const [device = '', ...pairs] = line.split(' ');
    if (!DEVICE.test(device)) throw malformed(path, `has the line ${JSON.stringify(line)}`);
    const row = new Float64Array(TRANSFERS);
    for (const pair of pairs) {
      const [key = '', value = ''] = pair.split('=');
      const column = KEYS[key];
      if (column !== undefined) row[column] = numberIn(path, value);
    }
    return { device, row };
  });
  addUp(rows, isStacked, out);
}

/**
 * blkio.throttle.io_service_bytes or io_serviced of version 1 into two columns of a reading:
 *
 *     8:0 Read 4096
 *     8:0 Write 0
 *     8:0 Total 4096
 *     Total 4096
 *
 * @throws HzstatError SOURCE_MALFORMED
 */
export function parseBlkio(
  path: string,
  bytes: Buffer,
  length: number,
  isStacked: IsStacked,
  columns: { readonly read: number; readonly write: number },
  out: Float64Array,
): void {
  const rows = linesOf(path, bytes, length).flatMap((line) => {
    const [device = '', direction = '', value = ''] = line.split(' ');
    if (device === 'Total') return [];
    if (!DEVICE.test(device)) throw malformed(path, `has the line ${JSON.stringify(line)}`);
    const row = new Float64Array(TRANSFERS);
    const number = numberIn(path, value);
    if (direction === 'Read') row[columns.read] = number;
    else if (direction === 'Write') row[columns.write] = number;
    return [{ device, row }];
  });
  const sums = new Float64Array(TRANSFERS);
  addUp(rows, isStacked, sums);
  out[columns.read] = sums[columns.read]!;
  out[columns.write] = sums[columns.write]!;
}

interface DeviceRow {
  readonly device: string;
  readonly row: Float64Array;
}

/** Devices that stand on others only count where those others are not told of. */
function addUp(rows: readonly DeviceRow[], isStacked: IsStacked, out: Float64Array): void {
  const lowest = rows.filter(({ device }) => !isStacked(device));
  out.fill(0);
  for (const { row } of lowest.length > 0 ? lowest : rows) {
    for (let column = 0; column < TRANSFERS; column++) out[column]! += row[column]!;
  }
}

/** Its lines; none where it is empty. */
function linesOf(path: string, bytes: Buffer, length: number): string[] {
  if (length === 0) return [];
  requireWholeLines(path, bytes, length);
  return bytes
    .toString('latin1', 0, length)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function numberIn(path: string, text: string): number {
  if (!/^\d{1,20}$/.test(text)) throw malformed(path, `has ${JSON.stringify(text)} for a number`);
  return Number(text);
}

import { resolve } from 'node:path';
import type { Segment } from './manifest.ts';
import { literal } from './schema.ts';

/** SQL that reads the rows of these segments, oldest first, whatever columns each of them has. */
export function segmentScan(dataDir: string, segments: readonly Segment[]): string {
  const paths = [...segments]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ file }) => literal(resolve(dataDir, file)));
  return `read_parquet([${paths.join(', ')}], union_by_name = true)`;
}

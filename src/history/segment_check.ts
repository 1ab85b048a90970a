import { resolve } from 'node:path';
import { errorMessage } from '../shared/errors.ts';
import { Engine } from './engine.ts';
import type { Segment } from './manifest.ts';
import { literal } from './schema.ts';

const MEMORY_LIMIT = '128MB';

/** Whether an error of the engine may come from a file that is not what was written, rather than from a question. */
export function mayBeDamage(error: unknown): boolean {
  return /^(IO Error|Invalid Input Error|Invalid Error|TProtocolException|Serialization Error|INTERNAL Error)|parquet|zstd|corrupt/i.test(
    errorMessage(error),
  );
}

/** The files among these that cannot be read to their end. Reads all of them: for when something is wrong already. */
export async function damagedSegments(dataDir: string, segments: readonly Segment[]): Promise<string[]> {
  const engine = await Engine.open(MEMORY_LIMIT);
  const damaged: string[] = [];
  try {
    for (const { file } of segments) {
      const path = literal(resolve(dataDir, file));
      // A hash needs every value; a mere count would be answered from the footer.
      await engine
        .run(`SELECT max(hash(COLUMNS(*))) FROM read_parquet(${path})`)
        .catch(() => damaged.push(file));
    }
  } finally {
    engine.close();
  }
  return damaged;
}

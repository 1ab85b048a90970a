import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { resolve } from 'node:path';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { Engine } from '../engine/engine.ts';
import { literal } from '../tables/schema.ts';
import type { InspectionAnswer, InspectionTask } from './inspection_messages.ts';

// A process of its own, with memory to spare and at the lowest priority: reads suspected segments to their end.

const MEMORY_LIMIT = '512MB';
/** What fails once may be a matter of the moment. */
const TIMES = 2;

/** Whether the file itself can be read, whatever is in it. A directory in its place can never be. */
async function fileState(path: string): Promise<'readable' | 'gone' | 'unknown'> {
  try {
    const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
    stream.resume();
    await once(stream, 'end');
    return 'readable';
  } catch (error) {
    return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(systemErrorCode(error) ?? '') ? 'gone' : 'unknown';
  }
}

/** Whether every value of a segment can be read: a mere count would be answered from the footer. */
async function isSound(path: string): Promise<boolean> {
  const engine = await Engine.open(MEMORY_LIMIT);
  try {
    await engine.run(`SELECT max(hash(COLUMNS(*))) FROM read_parquet(${literal(path)})`);
    return true;
  } catch (error) {
    // The statement is ours, and so is what the engine says of it. Too little memory is no fault of the file.
    if (/^Out of Memory Error/i.test(errorMessage(error))) return true;
    return false;
  } finally {
    engine.close();
  }
}

async function isDamaged(path: string): Promise<boolean> {
  for (let time = 0; time < TIMES; time++) {
    const state = await fileState(path);
    if (state === 'unknown' || (state === 'readable' && (await isSound(path)))) return false;
  }
  // What was readable before and after, and could not be understood in between.
  return (await fileState(path)) !== 'unknown';
}

async function inspect({ dataDir, segments }: InspectionTask): Promise<InspectionAnswer> {
  const damaged: string[] = [];
  for (const { file } of segments) if (await isDamaged(resolve(dataDir, file))) damaged.push(file);
  return { damaged };
}

// Whoever asked has gone.
process.on('disconnect', () => process.exit());
setPriority(constants.priority.PRIORITY_LOW);
process.once('message', (task: InspectionTask) => {
  void inspect(task).then((answer) => process.send?.(answer, () => process.exit()));
});

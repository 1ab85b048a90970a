import { constants, setPriority } from 'node:os';
import { errorMessage } from '../../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { readJournal } from '../journal/journal.ts';
import { snapshotsIn } from '../journal/journal_snapshots.ts';
import type { Answer, SealTask, Task } from './messages.ts';
import { Sealer } from './sealer.ts';

// A process of its own: the database engine takes some forty megabytes, and what ends it must not end sampling.

const COUNTING_MEMORY = '256MB';

const sealer = new Sealer();
let counting: Engine | undefined;

async function carryOut(task: Task): Promise<Answer> {
  try {
    return task.type === 'seal' ? await seal(task) : { type: 'counted', count: await count(task.sql) };
  } catch (error) {
    return { type: 'failed', message: errorMessage(error) };
  }
}

async function seal({ dataDir, stem, journal, fromBytes, toBytes }: SealTask): Promise<Answer> {
  const { frames, damagedBytes } = readJournal(journal, fromBytes, toBytes);
  const segments = await sealer.seal(dataDir, stem, snapshotsIn(frames));
  return { type: 'sealed', segments, damagedBytes };
}

/** Loaded with its first use: where the engine is missing, that is the answer to what needs it. */
async function count(sql: string): Promise<number> {
  if (counting === undefined) {
    const { Engine } = await import('../engine/engine.ts');
    counting = await Engine.open(COUNTING_MEMORY);
  }
  return Number(await counting.value(sql));
}

// Whoever asked has gone, and nobody would publish what is made here. An exit would wait for the engine, which waits
// for rows from this thread.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
process.on('message', (task: Task) => {
  void carryOut(task).then((answer) => process.send?.(answer, undefined, {}, () => {}));
});

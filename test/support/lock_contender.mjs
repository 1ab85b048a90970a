// Takes the lock of a directory whenever it is told to, and says whether it got it.
import { createInterface } from 'node:readline';
import { lockDataDir } from '../../dist/src/history/writer/lock.js';

let unlock;
for await (const line of createInterface({ input: process.stdin })) {
  const [what, dataDir] = line.split(' ');
  if (what === 'unlock') {
    unlock?.();
    unlock = undefined;
    console.log('unlocked');
    continue;
  }
  try {
    unlock = lockDataDir(dataDir);
    console.log('won');
  } catch (error) {
    console.log(error.code === 'HISTORY_LOCKED' ? 'lost' : `failed ${error.message}`);
  }
}

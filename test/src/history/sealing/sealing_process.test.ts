import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { History } from '../../../../src/history/history.ts';
import { JournalWriter } from '../../../../src/history/journal/journal.ts';
import { SealingProcess } from '../../../../src/history/sealing/sealing_process.ts';
import {
  framesOf,
  journalled,
  packedAt,
  START_MS,
  settingsFor,
  temporaryDataDir,
} from '../../../support/history.ts';
import { sealingProcesses } from '../../../support/sealing_processes.ts';

const SNAPSHOTS = 3_000;
const KILLS = 12;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

let dataDir: string;
let remove: () => void;

beforeEach(() => {
  ({ dataDir, remove } = temporaryDataDir());
});

afterEach(() => remove());

/** Ends whatever seals, as the kernel does when memory runs out. */
function killSealing(): number {
  const pids = sealingProcesses();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.length;
}

test('one that is killed says so, and the next one seals', async () => {
  const sealing = new SealingProcess();
  const journal = join(dataDir, 'a.hzj');
  const writer = new JournalWriter(journal);
  writer.append(journalled(framesOf(range(SNAPSHOTS).map((i) => packedAt(i, START_MS + i * 100)))));
  writer.close();
  const task = { dataDir, stem: `m-${START_MS}-a`, journal };
  const first = sealing.seal(task).catch((error: Error) => error.message);
  await vi.waitFor(() => expect(killSealing()).toBe(1), { timeout: 20_000, interval: 1 });
  expect(await first).toBe('the sealing process ended with SIGKILL');
  const { segments, damagedBytes } = await sealing.seal(task);
  expect(damagedBytes).toBe(0);
  expect(segments.find(({ table }) => table === 'sampling')).toMatchObject({
    rows: SNAPSHOTS,
    level: 'minute',
  });
  rmSync(journal);
  await expect(sealing.seal(task)).rejects.toThrow('ENOENT');
  sealing.close();
  await vi.waitFor(() => expect(sealingProcesses()).toEqual([]), { timeout: 20_000, interval: 10 });
});

test('killed at whatever moment, it costs freshness and nothing else', async () => {
  const history = await History.open(settingsFor(dataDir));
  const counts = 'SELECT count(*), count(DISTINCT sequence), max(sequence) FROM sampling';
  let recorded = 0;
  let killed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    // Two journals end each time, and questions want the one under way.
    for (let i = 0; i < 120; i++, recorded++) {
      history.record(packedAt(recorded, START_MS + recorded * 1_000));
    }
    const asked = history.query(counts).catch(() => undefined);
    const patience = performance.now() + 20_000;
    const moment = performance.now() + kill * 40;
    while (performance.now() < Math.min(moment, patience)) await new Promise(setImmediate);
    killed += killSealing();
    await asked;
  }
  expect(killed).toBeGreaterThan(KILLS / 4);
  await vi.waitFor(
    async () => expect((await history.query(counts)).rows).toEqual([[recorded, recorded, recorded - 1]]),
    { timeout: 40_000, interval: 200 },
  );
  expect(history.status).toMatchObject({ state: 'recording', lostSnapshots: 0, damagedFiles: [] });
  await history.close();
});

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { History } from '../../src/history/history.ts';
import { manifestPath, readManifest } from '../../src/history/segments/manifest.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { historySettings, JOURNAL_MS } from '../../src/service/recording.ts';
import type { MemoryTask } from './memory.ts';
import { Random } from './random.ts';
import { Replay } from './replay.ts';

// Plays simulated time to the part of the product that records, second by second, and no faster than seconds are
// written and journals sealed. Says so after each minute and waits to be told to go on.

const MINUTE_MS = 60_000;
const MINUTES_PER_JOURNAL = JOURNAL_MS / MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
const SECOND_MS = 1_000;
const INTERVAL_MS = 100;
const PAUSE_MS = 1;
const LOOK_EVERY_MS = 20;
const FOR_EVER = 1e15;

const [task]: MemoryTask[] = await once(process, 'message');
if (task === undefined) throw new Error('no task');
// A line at a time: once the C library has seen megabytes in one piece, it keeps much more of what is freed.
const recorded: Snapshot[] = [];
for await (const line of createInterface({ input: createReadStream(task.recordings) }))
  recorded.push(JSON.parse(line));
const replay = new Replay([recorded.slice(0, task.idle), recorded.slice(task.idle)], new Random(1));
const packer = new SnapshotPacker();
const history =
  task.dataDir === undefined
    ? undefined
    : await History.open(
        historySettings({
          history: true,
          dataDir: task.dataDir,
          retention: FOR_EVER,
          retentionIncidents: FOR_EVER,
          retentionBytes: FOR_EVER,
        }),
      );

// Hours that are not over yet are not merged, and these never are: merging is another process's memory.
const startMs = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;

/** Waits until what the journal that begins then held is in segments. */
async function sealed(dataDir: string, fromMs: number): Promise<void> {
  const isThere = (): boolean =>
    readManifest(manifestPath(dataDir))?.segments.some((segment) => segment.fromMs >= fromMs) ?? false;
  while (!isThere()) await delay(LOOK_EVERY_MS);
}

/** Hands over a second and waits until it is in the journal. */
async function written(to: History): Promise<void> {
  const { journalBytes } = to.status;
  to.flush();
  while (to.status.journalBytes === journalBytes) {
    if (to.status.state !== 'recording') throw new Error(to.status.message);
    await delay(PAUSE_MS);
  }
}

for (let minute = 0; minute < task.minutes; minute++) {
  replay.cut(minute % 2);
  for (let ms = 0; ms < MINUTE_MS; ms += INTERVAL_MS) {
    const timestamp = new Date(startMs + minute * MINUTE_MS + ms).toISOString().replace('Z', '000Z');
    // Made without history, too: making it is not recording it.
    const snapshot = packer.pack(replay.next(timestamp));
    history?.record(snapshot);
    if (ms % SECOND_MS !== 0) continue;
    if (history === undefined) await delay(PAUSE_MS);
    else await written(history);
  }
  if (task.dataDir !== undefined && minute > 0 && minute % MINUTES_PER_JOURNAL === 0) {
    await sealed(task.dataDir, startMs + minute * MINUTE_MS - JOURNAL_MS);
  }
  process.send?.('a minute');
  await once(process, 'message');
}
if (history !== undefined && history.status.state !== 'recording') throw new Error(history.status.message);
await history?.close();
process.exit();

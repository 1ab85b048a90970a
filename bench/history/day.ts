import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { snapshotsIn } from '../../src/history/journal/journal_snapshots.ts';
import { Sealer } from '../../src/history/sealing/sealer.ts';
import type { Segment } from '../../src/history/segments/manifest.ts';
import { Store } from '../../src/history/segments/store.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { PackedSnapshot } from '../../src/records/packed_snapshot.ts';
import { SnapshotPacker } from '../../src/records/snapshot_packer.ts';
import { JOURNAL_MS } from '../../src/service/recording.ts';
import { recordFrames } from '../../src/wire/records/record_frames.ts';
import { reapedTicks, TICK_US } from '../measure/process_stat.ts';
import { progress } from '../report/progress.ts';
import { merge } from './merge.ts';
import { Random } from './random.ts';
import type { Recordings } from './recording.ts';
import { Replay } from './replay.ts';

const SEED = 20_260_105;
const START_MS = Date.UTC(2026, 0, 5);
const INTERVAL_MS = 100;
const MS_PER_SECOND = 1_000;
const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60;
const MINUTES_PER_JOURNAL = JOURNAL_MS / MINUTE_MS;
const HOUR_MS = MINUTES_PER_HOUR * MINUTE_MS;
/** A day of two cores would flatter questions about cores. */
export const CORES = 8;
const IDLE = 0;
const BUSY = 1;
/** How much of the time the machine is busy: by night, and in working hours. */
const BUSY_BY_NIGHT = 0.1;
const BUSY_BY_DAY = 0.7;
const WORK_BEGINS = 8;
const WORK_ENDS = 18;

export interface Day {
  readonly dataDir: string;
  readonly segments: readonly Segment[];
  readonly hz: number;
  readonly snapshots: number;
  readonly toMs: number;
  /** CPU of the process that merges an hour and rolls it up, on average. */
  readonly mergingUs: number | undefined;
}

/**
 * Writes a number of hours at 10 Hz as the product writes them, only faster: journals sealed one by one, hours merged
 * when they are over. The last hour is just about to end and not merged yet, which is the worst case for a
 * question. What an earlier run wrote is taken as it is.
 */
export async function writeDay(directory: string, recordings: Recordings, hours: number): Promise<Day> {
  const dataDir = join(directory, `history-${hours}h`);
  const finished = join(directory, `history-${hours}h.json`);
  if (existsSync(finished)) {
    progress(`taking ${hours} hours of history from ${dataDir}`);
    const day: Day = JSON.parse(readFileSync(finished, 'utf8'));
    return day;
  }
  progress(`writing ${hours} hours of history to ${dataDir}`);
  const store = new Store(dataDir);
  store.makeDirectories();
  store.open();
  const sealer = new Sealer();
  const reapedBefore = reapedTicks();
  const random = new Random(SEED);
  const scenes = [recordings.idle, recordings.busy].map((scene) => scene.map(withCores));
  const replay = new Replay(scenes, random);
  let merging: Promise<void> = Promise.resolve();
  for (let hour = 0; hour < hours; hour++) {
    const busyShare = hour % 24 >= WORK_BEGINS && hour % 24 < WORK_ENDS ? BUSY_BY_DAY : BUSY_BY_NIGHT;
    for (let minute = 0; minute < MINUTES_PER_HOUR; minute += MINUTES_PER_JOURNAL) {
      const startMs = START_MS + hour * HOUR_MS + minute * MINUTE_MS;
      const snapshots: PackedSnapshot[] = [];
      for (let fromMs = startMs; fromMs < startMs + JOURNAL_MS; fromMs += MINUTE_MS) {
        replay.cut(random.next() < busyShare ? BUSY : IDLE);
        snapshots.push(...playMinute(replay, random, fromMs));
      }
      const stem = `${startMs}-day-0`;
      const segments = await sealer.seal(dataDir, `m-${stem}`, snapshotsIn([...recordFrames(snapshots)]));
      await store.publishSealed(`${stem}.hzj`, segments);
    }
    await merging;
    if (hour < hours - 1) merging = mergeHour(store, START_MS + hour * HOUR_MS);
    progress(`  hour ${hour + 1} of ${hours}`);
  }
  sealer.close();
  await merging;
  await store.collectGarbage(Number.MAX_SAFE_INTEGER);
  const day: Day = {
    dataDir,
    segments: store.segments,
    hz: MS_PER_SECOND / INTERVAL_MS,
    snapshots: (hours * HOUR_MS) / INTERVAL_MS,
    toMs: START_MS + hours * HOUR_MS,
    mergingUs: hours > 1 ? ((reapedTicks() - reapedBefore) * TICK_US) / (hours - 1) : undefined,
  };
  writeFileSync(finished, JSON.stringify(day));
  return day;
}

/** The snapshot with as many cores as a usual machine has; each is jittered by itself when it is played. */
function withCores(snapshot: Snapshot): Snapshot {
  const cores = snapshot.cpu?.per_core;
  if (cores === undefined || cores.length >= CORES) return snapshot;
  const per_core = Array.from({ length: CORES }, (_, core) => cores[core % cores.length] ?? null);
  return { ...snapshot, cpu: { ...snapshot.cpu!, per_core } };
}

/** The snapshots of a minute; ticks are a little late, as they are. */
function* playMinute(replay: Replay, random: Random, fromMs: number): Generator<PackedSnapshot> {
  const packer = new SnapshotPacker();
  for (let ms = 0; ms < MINUTE_MS; ms += INTERVAL_MS) {
    const micros = String(Math.floor(random.next() * 1_000)).padStart(3, '0');
    const timestamp = new Date(fromMs + ms).toISOString().replace('Z', `${micros}Z`);
    yield packer.pack(replay.next(timestamp));
  }
}

async function mergeHour(store: Store, hourMs: number): Promise<void> {
  const inputs = store.segments.filter(({ fromMs }) => fromMs >= hourMs && fromMs < hourMs + HOUR_MS);
  const hour = { fromMs: hourMs, toMs: hourMs + HOUR_MS };
  const merged = await merge({ dataDir: store.dataDir, stem: `h-${hourMs}-day`, inputs, hour });
  await store.publishMerged(inputs, merged, hourMs);
}

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HzstatClient } from '../../src/client/client.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { PROGRAMS } from '../paths.ts';
import { HzstatProcess } from '../processes/hzstat.ts';
import { progress } from '../report/progress.ts';

const HZ = 10;
/** The first snapshots have no rates yet, and perf is still being started. */
const WARM_UP_SNAPSHOTS = 30;

/** Snapshots of this host at 10 Hz, as the product made them. */
export interface Recordings {
  readonly idle: readonly Snapshot[];
  readonly busy: readonly Snapshot[];
}

/** Records this host as it is and then under load; what an earlier run recorded is taken from the directory. */
export async function recordHost(directory: string, seconds: number): Promise<Recordings> {
  const path = join(directory, `recording-${seconds}s.json`);
  if (existsSync(path)) {
    progress(`taking the recordings of this host from ${path}`);
    const kept: Recordings = JSON.parse(readFileSync(path, 'utf8'));
    return kept;
  }
  progress(`recording this host for ${seconds} s as it is`);
  const idle = await record(seconds);
  progress(`recording this host for ${seconds} s under load`);
  const load = fork(`${PROGRAMS}history/load.js`, [directory], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const recordings = { idle, busy: await record(seconds) };
    writeFileSync(path, JSON.stringify(recordings));
    return recordings;
  } finally {
    const ended = once(load, 'exit');
    load.disconnect();
    await ended;
  }
}

async function record(seconds: number): Promise<Snapshot[]> {
  const server = await HzstatProcess.start({ hz: HZ, history: false });
  const client = await HzstatClient.connect({ url: server.url });
  const recorded: Snapshot[] = [];
  const wanted = WARM_UP_SNAPSHOTS + seconds * HZ;
  for await (const snapshot of client) if (recorded.push(snapshot) === wanted) break;
  client.close();
  await server.stop();
  return recorded.slice(WARM_UP_SNAPSHOTS);
}

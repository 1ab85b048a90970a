import type { GapFrame } from '../wire/frames.ts';
import type { Position, RecentFrames } from './recent_frames.ts';
import type { StreamClient } from './stream_client.ts';
import type { Topic } from './topic.ts';

/** Frames that are sent before the client is asked whether it can take more. */
const FRAMES_AT_ONCE = 64;

/** Frames that were recorded, from further back than memory reaches. */
export interface FrameStore {
  framesAfter(
    position: Position,
  ): AsyncIterable<readonly { frame: Uint8Array; sequence: number; timestamp: string; own: boolean }[]>;
}

export interface CatchUpSources {
  readonly recent: RecentFrames;
  readonly store: FrameStore | undefined;
  /** False once the client wants something else. */
  readonly isWanted: () => boolean;
}

/**
 * Sends a client what it missed, at its own pace, and calls `join` when nothing is left: in the same turn of the
 * event loop in which that was found, so that no frame can come in between.
 *
 * @param topic makes the frames for this client; nobody else uses it yet
 */
export async function catchUp(
  client: StreamClient,
  topic: Topic,
  since: Position,
  { recent, store, isWanted }: CatchUpSources,
  join: () => void,
): Promise<void> {
  let position = since;
  for (;;) {
    if (!recent.reachesBackTo(position) || (store !== undefined && reachesBeyondRun(position, recent))) {
      if (store !== undefined) position = await replayStored(client, topic, position, store, isWanted);
      if (client.isClosed || !isWanted()) return;
      const { first } = recent;
      const gap =
        recent.reachesBackTo(position) || first === undefined ? undefined : gapBefore(first, position);
      if (gap !== undefined) client.tell(gap);
    }
    const frames = recent.after(position, FRAMES_AT_ONCE);
    const last = frames.at(-1);
    if (last === undefined) {
      join();
      return;
    }
    client.send(topic.replay(frames));
    position = { sequence: last.sequence };
    if (!(await client.canTakeMore()) || !isWanted()) return;
  }
}

/** Whether the position lies before anything this run has made, so that an earlier run may have recorded more. */
function reachesBeyondRun(position: Position, recent: RecentFrames): boolean {
  const { first } = recent;
  return 'timestamp' in position && (first === undefined || position.timestamp < first.timestamp);
}

async function replayStored(
  client: StreamClient,
  topic: Topic,
  since: Position,
  store: FrameStore,
  isWanted: () => boolean,
): Promise<Position> {
  let position = since;
  let told = false;
  for await (const frames of store.framesAfter(since)) {
    if (!told && frames[0] !== undefined) {
      const gap = gapBefore(frames[0], since);
      if (gap !== undefined) client.tell(gap);
      told = true;
    }
    for (let at = 0; at < frames.length; at += FRAMES_AT_ONCE) {
      const some = frames.slice(at, at + FRAMES_AT_ONCE);
      client.send(topic.replay(some));
      if (!(await client.canTakeMore()) || !isWanted()) return position;
    }
    const last = frames.at(-1);
    if (last !== undefined) {
      position = last.own ? { sequence: last.sequence } : { timestamp: last.timestamp };
    }
  }
  return position;
}

/** Times between snapshots that are nothing to speak of. */
const LONGEST_PAUSE_MS = 1_500;

/** What is missing between a position and the first frame there is behind it, if anything is. */
function gapBefore(first: { sequence: number; timestamp: string }, position: Position): GapFrame | undefined {
  if ('sequence' in position) {
    const missing = first.sequence - position.sequence - 1;
    return missing > 0 ? gapUpTo(first.timestamp, missing) : undefined;
  }
  const pauseMs = Date.parse(first.timestamp) - Date.parse(position.timestamp);
  return pauseMs > LONGEST_PAUSE_MS ? gapUpTo(first.timestamp, null) : undefined;
}

function gapUpTo(timestamp: string, missing: number | null): GapFrame {
  const message = `no frames are kept from before ${timestamp}: what was recorded then can be asked for with SQL`;
  return { type: 'gap', missing, message };
}

import { setTimeout as delay } from 'node:timers/promises';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import type { Position } from '../../records/position.ts';
import type { GapFrame } from '../../wire/protocol/frames.ts';
import type { StreamClient } from '../clients/stream_client.ts';
import type { RecentSnapshots } from '../source/recent_snapshots.ts';
import { subscriptionKey } from '../subscriptions/subscription.ts';
import type { Topic } from '../topics/topic.ts';
import type { CatchUpLine } from './catch_up_line.ts';
import { CatchUpMember } from './catch_up_member.ts';

/** Snapshots that are sent before the client is asked whether it can take more. */
const SNAPSHOTS_AT_ONCE = 64;
/** How long a client may take them before another has its turn. */
const LONGEST_TURN_WAIT_MS = 500;

/** Snapshots that were recorded, from further back than memory reaches; `own` are those of this run. */
export interface SnapshotStore {
  snapshotsAfter(
    position: Position,
  ): AsyncIterable<readonly { readonly snapshot: PackedSnapshot; readonly own: boolean }[]>;
}

export interface CatchUpSources {
  readonly recent: RecentSnapshots;
  readonly store: SnapshotStore | undefined;
  /** Where to wait for one's turn. */
  readonly line: CatchUpLine;
  /** Adds to the recent snapshots what has been sampled by now. */
  readonly drain: () => void;
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
  sources: CatchUpSources,
  join: () => void,
): Promise<void> {
  const { recent, store, line, drain, isWanted } = sources;
  let position = since;
  for (;;) {
    if (!recent.reachesBackTo(position) || (store !== undefined && reachesBeyondRun(position, recent))) {
      if (store !== undefined) position = await replayStored(client, topic, position, store, sources);
      if (client.isClosed || !isWanted()) return;
      const { first } = recent;
      const gap =
        recent.reachesBackTo(position) || first === undefined ? undefined : gapBefore(first, position);
      if (gap !== undefined) client.tell(gap);
    }
    drain();
    const snapshots = recent.after(position, SNAPSHOTS_AT_ONCE);
    const last = snapshots.at(-1);
    if (last === undefined) {
      join();
      return;
    }
    await line.pay(() => client.send(topic.replay(snapshots)));
    position = { sequence: last.sequence };
    if (!(await client.canTakeMore()) || !isWanted()) return;
  }
}

/** Whether the position lies before anything this run has made, so that an earlier run may have recorded more. */
function reachesBeyondRun(position: Position, recent: RecentSnapshots): boolean {
  const { first } = recent;
  return 'timestamp' in position && (first === undefined || position.timestamp < first.timestamp);
}

/** Sends what the store has behind a position, turn by turn; returns the position reached. */
async function replayStored(
  client: StreamClient,
  topic: Topic,
  since: Position,
  store: SnapshotStore,
  { line, isWanted }: CatchUpSources,
): Promise<Position> {
  const goesOn = (): boolean => !client.isClosed && isWanted();
  let position = since;
  for (let isFirst = true; ; isFirst = false) {
    const from = position;
    const member = new CatchUpMember(client, goesOn, !isFirst);
    const sameness = topic.isStateless
      ? `${subscriptionKey(topic.subscription)} ${JSON.stringify(from)}`
      : undefined;
    const turn = await line.take(sameness, member, (members) => takeTurn(members, topic, from, store, line));
    position = turn.position;
    // Another has the place while the client takes its time.
    if (turn.isOver || !(await client.canTakeMore())) return position;
  }
}

/** Sends what the store has to all members, and has those leave who take too long over it. */
async function takeTurn(
  members: CatchUpMember[],
  topic: Topic,
  since: Position,
  store: SnapshotStore,
  line: CatchUpLine,
): Promise<void> {
  let position = since;
  let active: readonly CatchUpMember[] = members;
  const dismiss = (whether: (member: CatchUpMember) => boolean, isOver: boolean): void => {
    for (const member of active) if (whether(member)) member.leave(position, isOver);
    active = active.filter((member) => !whether(member));
  };
  dismiss((member) => !member.goesOn(), true);
  if (active.length === 0) return;
  let askedMs = performance.now();
  for await (const recorded of store.snapshotsAfter(since)) {
    // Reading them was work, too.
    line.spend(performance.now() - askedMs);
    for (const member of active) tellGap(member, recorded[0]?.snapshot, since);
    for (let at = 0; at < recorded.length; at += SNAPSHOTS_AT_ONCE) {
      const some = recorded.slice(at, at + SNAPSHOTS_AT_ONCE);
      await line.pay(() => {
        const made = topic.replay(some.map(({ snapshot }) => snapshot));
        for (const { client } of active) client.send(made);
      });
      const { snapshot, own } = some.at(-1)!;
      position = own ? { sequence: snapshot.sequence } : { timestamp: snapshot.timestamp };
      dismiss((member) => !member.goesOn(), true);
      const slow = await slowOf(active);
      dismiss((member) => slow.has(member), false);
      if (active.length === 0) return;
    }
    askedMs = performance.now();
  }
  dismiss(() => true, true);
}

function tellGap(
  member: CatchUpMember,
  first: { sequence: number; timestamp: string } | undefined,
  since: Position,
): void {
  if (member.isTold || first === undefined) return;
  member.isTold = true;
  const gap = gapBefore(first, since);
  if (gap !== undefined) member.client.tell(gap);
}

/** Those who cannot take more within the time a turn leaves them. */
async function slowOf(members: readonly CatchUpMember[]): Promise<ReadonlySet<CatchUpMember>> {
  const slow = new Set(members.filter(({ client }) => !client.isReady));
  if (slow.size === 0) return slow;
  const patience = new AbortController();
  const tooLong = delay(LONGEST_TURN_WAIT_MS, undefined, { signal: patience.signal }).catch(() => {});
  const ready = [...slow].map(async (member) => {
    if (await member.client.canTakeMore()) slow.delete(member);
  });
  await Promise.race([Promise.all(ready), tooLong]);
  patience.abort();
  return slow;
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

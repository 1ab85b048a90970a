import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../../src/model/snapshot.ts';
import type { Feed } from '../../../src/top/feed.ts';
import { Rewind } from '../../../src/top/rewind.ts';
import { Moment } from '../../../src/top/view/view.ts';
import { wholeSnapshot } from '../../support/snapshots.ts';

const WHOLE = wholeSnapshot(1);
const START_MS = Date.parse('2026-01-05T10:00:00.000Z');

/** A snapshot each tenth of a second. */
function snapshotAt(tick: number): Snapshot {
  const sampling = { ...WHOLE.sampling, tick, interval_ms: 100 };
  return { ...WHOLE, sequence: tick, timestamp: timeOf(tick), sampling };
}

function timeOf(tick: number): string {
  return new Date(START_MS + tick * 100).toISOString().replace('Z', '000Z');
}

class FakeFeed implements Feed {
  readonly asked: [string, number][] = [];
  kept: readonly Snapshot[] = [];
  failure: Error | undefined;

  start(): void {}

  async stop(): Promise<void> {}

  async before(timestamp: string, spanMs: number): Promise<readonly Snapshot[]> {
    this.asked.push([timestamp, spanMs]);
    if (this.failure !== undefined) throw this.failure;
    return this.kept.filter((snapshot) => snapshot.timestamp < timestamp);
  }
}

let feed: FakeFeed;
let said: string[];
let changes: number;
let rewind: Rewind;
beforeEach(() => {
  feed = new FakeFeed();
  said = [];
  changes = 0;
  rewind = new Rewind(
    feed,
    (text) => said.push(text),
    () => changes++,
  );
  for (let tick = 1_000; tick < 1_050; tick++) rewind.add(new Moment(snapshotAt(tick), rewind.latest));
});

const shown = (): number | undefined => rewind.shown?.snapshot.sequence;

describe('the moment that is shown', () => {
  test('is the latest until it is held', () => {
    expect([shown(), rewind.isLive]).toEqual([1_049, true]);
    rewind.pause();
    rewind.add(new Moment(snapshotAt(1_050), rewind.latest));
    expect([shown(), rewind.isLive, rewind.agoMs]).toEqual([1_049, false, undefined]);
    rewind.pause();
    expect([shown(), rewind.isLive]).toEqual([1_050, true]);
  });

  test('goes back and forward, and is live again beyond the newest', () => {
    rewind.moveBy(-1_000);
    expect([shown(), rewind.agoMs]).toEqual([1_039, 1_000]);
    rewind.moveBy(500);
    expect(shown()).toBe(1_044);
    rewind.moveBy(500);
    expect([shown(), rewind.isLive]).toEqual([1_049, true]);
    expect(feed.asked).toEqual([]);
  });

  test('goes on step by step where less is kept than there are steps', () => {
    rewind.moveBy(-1);
    expect(shown()).toBe(1_048);
    rewind.moveBy(-1);
    expect(shown()).toBe(1_047);
  });

  test('is asked for where it is older than what is kept', async () => {
    feed.kept = Array.from({ length: 50 }, (_, second) => snapshotAt(500 + second * 10));
    rewind.goToOldest();
    rewind.moveBy(-1_000);
    expect([shown(), feed.asked.length]).toEqual([1_000, 1]);
    await vi.waitFor(() => expect(changes).toBe(1));
    expect(said.at(-1)).toBe('there is more to go back to');
    rewind.moveBy(-1_000);
    expect(shown()).toBe(990);
    rewind.goLive();
    rewind.goToOldest();
    expect(shown()).toBe(1_000);
  });

  test('stays where nothing older is kept, or nobody answers', async () => {
    rewind.goToOldest();
    rewind.moveBy(-1_000);
    await vi.waitFor(() => expect(said.at(-1)).toBe('nothing older is kept'));
    feed.failure = new Error('no answer');
    rewind.moveBy(-1_000);
    await vi.waitFor(() => expect(said.at(-1)).toBe('no answer'));
    expect(shown()).toBe(1_000);
  });
});

describe('a time', () => {
  test('is gone to, or the moment before it', () => {
    rewind.goToTime(timeOf(1_020).replace('000Z', '009Z'));
    expect(shown()).toBe(1_020);
  });

  test('just before all that is kept is the oldest', () => {
    rewind.goToTime(timeOf(995));
    expect(shown()).toBe(1_000);
  });

  test('long before that is asked for', async () => {
    feed.kept = Array.from({ length: 100 }, (_, second) => snapshotAt(second * 10));
    rewind.goToTime(timeOf(205));
    await vi.waitFor(() => expect(shown()).toBe(200));
    expect(feed.asked).toEqual([[timeOf(1_000), 79_500 + 60_000]]);
  });

  test('before all that may be asked for is not there', () => {
    rewind.goToTime('2026-01-05T08:00:00.000000Z');
    expect(said).toEqual(['08:00:00 is not kept any more']);
    expect(rewind.isLive).toBe(true);
  });

  test('of several is the latest before what is shown', () => {
    const peaks = [timeOf(1_040), timeOf(1_020), timeOf(1_030)];
    rewind.goToLatestOf(peaks);
    expect(shown()).toBe(1_040);
    rewind.goToLatestOf(peaks);
    expect(shown()).toBe(1_020);
    rewind.goToLatestOf(peaks);
    expect([shown(), said.at(-1)]).toEqual([1_020, 'no incident before this moment']);
    rewind.goLive();
    rewind.goToLatestOf([]);
    expect(said.at(-1)).toBe('no incidents');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { History } from '../../../src/history/history.ts';
import { manifestPath, readManifest } from '../../../src/history/segments/manifest.ts';
import { settingsFor, temporaryDataDir } from '../../support/history.ts';

const RECORDER = join(import.meta.dirname, '../../support/entries/recorder.mjs');
const KILLS = 50;
const AT_ONCE = 3;
/** Minutes, hours and days so short that kills fall into sealing and merging as well as into the journal. */
const MINUTE_MS = 250;
const HOUR_MS = 1_000;
const DAY_MS = 4_000;
/** What a kill may cost. */
const PROMISED_MS = 1_000;

interface Recorded {
  readonly sequence: number;
  readonly timeMs: number;
  /** How long the disk has kept the process waiting at most, for a file of no account. */
  readonly stallMs: number;
}

/** How late a process came to anything at all: the longest pause between two of its snapshots, 5 ms apart. */
function longestPauseMs(recorded: readonly Recorded[]): number {
  return recorded
    .slice(1)
    .reduce((longest, { timeMs }, index) => Math.max(longest, timeMs - recorded[index]!.timeMs), 0);
}

/** Records for a while and is killed; returns what it said it had recorded, and when it was killed. */
async function recordAndKill(
  dataDir: string,
  first: number,
  lifeMs: number,
): Promise<{ recorded: Recorded[]; killedMs: number }> {
  const child = spawn(
    process.execPath,
    [RECORDER, dataDir, String(first), String(MINUTE_MS), String(HOUR_MS), String(DAY_MS)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const recorded: Recorded[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [sequence = 0, timeMs = 0, stallMs = 0] = line.split(' ').map(Number);
    recorded.push({ sequence, timeMs, stallMs });
  });
  const exited = once(child, 'exit');
  await once(lines, 'line');
  await delay(lifeMs);
  const killedMs = Date.now();
  child.kill('SIGKILL');
  await exited;
  return { recorded, killedMs };
}

/** Kills again and again in one directory, then compares what was promised with what is there. */
async function killRepeatedly(kills: number): Promise<void> {
  const { dataDir, remove } = temporaryDataDir();
  const promised: { sequence: number; ageMs: number; costMs: number }[] = [];
  const lives: number[][] = [];
  let next = 0;
  for (let kill = 0; kill < kills; kill++) {
    // Now and then a life is long enough for days to be merged in it.
    const lifeMs = 1_050 + Math.random() * 700 + (kill % 6 === 5 ? 3_000 : 0);
    const { recorded, killedMs } = await recordAndKill(dataDir, next, lifeMs);
    // A machine that lets a 5 ms timer wait lets the timer wait that hands snapshots over; a disk that keeps others
    // waiting keeps the journal waiting, once for what came before and once for this.
    const costMs = PROMISED_MS + 50 + 2 * (longestPauseMs(recorded) + (recorded.at(-1)?.stallMs ?? 0));
    for (const { sequence, timeMs } of recorded) {
      const ageMs = killedMs - timeMs;
      if (ageMs > costMs) promised.push({ sequence, ageMs, costMs });
    }
    const sequences = recorded.map(({ sequence }) => sequence);
    lives.push(sequences);
    next = (sequences.at(-1) ?? next) + 1_000;
  }
  const settings = { journalMs: MINUTE_MS, hourMs: HOUR_MS, dayMs: DAY_MS };
  const history = await History.open(settingsFor(dataDir, settings));
  const levels = (): Set<string> =>
    new Set(readManifest(manifestPath(dataDir))?.segments.map(({ level }) => level));
  // Merging has the lowest priority: beside others that want both cores it takes minutes.
  await vi.waitFor(() => expect(levels()).toContain('day'), { timeout: 300_000, interval: 200 });
  const answer = await history.query('SELECT list(sequence ORDER BY sequence) FROM sampling');
  const found = answer.rows[0]?.[0] as number[];
  const rolledUp = await history.query('SELECT sum(samples) FROM sampling_1s');
  await history.close();
  expect(levels()).toContain('hour');
  remove();
  const there = new Set(found);
  expect(found.length).toBe(there.size);
  // Whatever the time it took: nothing is missing before the newest snapshot of a life that is there.
  const holes = lives.flatMap((life) => {
    const newest = life.findLastIndex((sequence) => there.has(sequence));
    return life.slice(0, newest + 1).filter((sequence) => !there.has(sequence));
  });
  expect(holes).toEqual([]);
  expect(promised.filter(({ sequence }) => !there.has(sequence))).toEqual([]);
  expect(promised.length).toBeGreaterThan(0);
  expect(rolledUp).toMatchObject({ rows: [[found.length]] });
}

test(`${KILLS} kills at random moments lose no snapshot older than a second and double none`, async () => {
  const shares = Array.from({ length: AT_ONCE }, (_, index) => Math.floor((KILLS + index) / AT_ONCE));
  expect(shares.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(KILLS);
  await Promise.all(shares.map(killRepeatedly));
}, 480_000);

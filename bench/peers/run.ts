import { setTimeout as delay } from 'node:timers/promises';
import { pssBytes } from '../measure/memory.ts';
import { descendantsOf } from '../measure/process_stat.ts';
import { median } from '../measure/statistics.ts';
import { readTreeUsage, type TreeUsage, usageBetween } from '../measure/usage.ts';
import { progress } from '../report/progress.ts';
import type { Peer } from './peer.ts';

const MS_PER_SECOND = 1_000;
const US_PER_SECOND = 1_000_000;
const WARM_UP_SECONDS = 10;

/** What one peer costs at one rate; CPU and memory of all its processes. */
export interface PeerRow {
  readonly peer: string;
  readonly does: string;
  readonly hz: number;
  /** The rate it really sampled at; undefined where nothing tells, and the rate it was asked for is taken. */
  readonly real_hz?: number;
  readonly cpu_us: number;
  readonly core_percent: number;
  readonly pss_bytes: number;
  readonly processes: number;
}

interface Turn {
  readonly realHz: number | undefined;
  readonly coreShare: number;
  readonly pssBytes: number;
  readonly processes: number;
}

/** A peer that is installed but did not do its work. */
export interface PeerFailure {
  readonly peer: string;
  readonly reason: string;
}

/** Lets each peer run for itself, one after another, and all of them again in every round. */
export async function measurePeers(
  peers: readonly Peer[],
  rates: readonly number[],
  rounds: number,
): Promise<{ rows: PeerRow[]; failures: PeerFailure[] }> {
  const pairs = rates.flatMap((hz) =>
    peers.filter((peer) => peer.rates.includes(hz)).map((peer) => ({ peer, hz })),
  );
  const turns = new Map(pairs.map((pair): [object, Turn[]] => [pair, []]));
  const failures: PeerFailure[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const pair of pairs) {
      progress(`${pair.peer.name} at ${pair.hz} Hz, round ${round} of ${rounds}`);
      try {
        turns.get(pair)?.push(await takeTurn(pair.peer, pair.hz));
      } catch (error) {
        const reason = `at ${pair.hz} Hz: ${error instanceof Error ? error.message : String(error)}`;
        failures.push({ peer: pair.peer.name, reason });
      }
    }
  }
  const rows = pairs.flatMap((pair) => {
    const taken = turns.get(pair) ?? [];
    return taken.length === 0 ? [] : [rowOf(pair.peer, pair.hz, taken)];
  });
  return { rows, failures };
}

/** Longer at low rates, where a second holds little. */
function windowSeconds(hz: number): number {
  return hz === 1 ? 20 : 10;
}

async function takeTurn(peer: Peer, hz: number): Promise<Turn> {
  const running = await peer.start(hz);
  const startedMs = performance.now();
  let ended = false;
  try {
    await delay(WARM_UP_SECONDS * MS_PER_SECOND);
    const takenBefore = await running.taken?.();
    const before = running.pids.map(readTreeUsage);
    await delay(windowSeconds(hz) * MS_PER_SECOND);
    const after = running.pids.map(readTreeUsage);
    const takenAfter = await running.taken?.();
    const { cpuUs, elapsedUs } = sumBetween(before, after);
    const processes = running.pids.flatMap((pid) => [pid, ...descendantsOf(pid)]);
    const pss = processes.reduce((sum, pid) => sum + (pssBytes(pid) ?? 0), 0);
    const lifeSeconds = (performance.now() - startedMs) / MS_PER_SECOND;
    ended = true;
    const ofWholeLife = await running.stop();
    const realHz =
      takenBefore === undefined || takenAfter === undefined
        ? ofWholeLife && ofWholeLife / lifeSeconds
        : (takenAfter - takenBefore) / (elapsedUs / US_PER_SECOND);
    return { realHz, coreShare: cpuUs / elapsedUs, pssBytes: pss, processes: processes.length };
  } finally {
    if (!ended) await running.stop();
  }
}

function sumBetween(
  before: readonly TreeUsage[],
  after: readonly TreeUsage[],
): { cpuUs: number; elapsedUs: number } {
  let sumUs = 0;
  let longestUs = 0;
  for (const [index, usage] of after.entries()) {
    const { cpuUs, childrenUs, elapsedUs } = usageBetween(before[index]!, usage);
    sumUs += cpuUs + childrenUs;
    longestUs = Math.max(longestUs, elapsedUs);
  }
  return { cpuUs: sumUs, elapsedUs: longestUs };
}

function rowOf({ name, does }: Peer, hz: number, turns: readonly Turn[]): PeerRow {
  const middle = (of: (turn: Turn) => number): number => median(turns.map(of)) ?? Number.NaN;
  const realHz = median(turns.flatMap((turn) => turn.realHz ?? []));
  return {
    peer: name,
    does,
    hz,
    ...(realHz !== undefined && { real_hz: realHz }),
    cpu_us: middle((turn) => (turn.coreShare * US_PER_SECOND) / (turn.realHz ?? hz)),
    core_percent: middle(({ coreShare }) => 100 * coreShare),
    pss_bytes: middle((turn) => turn.pssBytes),
    processes: middle((turn) => turn.processes),
  };
}

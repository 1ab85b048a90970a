import type { PerfFormat } from '../parse/perf_stat.ts';
import { PERF_EVENTS } from './event_list.ts';
import { IntervalReader, type PerfInterval } from './interval_reader.ts';
import type { PerfProcess, PerfRun } from './perf_process.ts';
import { explainTrouble } from './perf_trouble.ts';

/** What perf can count here. */
export interface PerfAbilities {
  readonly format: PerfFormat;
  readonly supported: readonly string[];
  readonly unsupported: readonly string[];
  /** Requested, and not mentioned by perf at all. */
  readonly missing: readonly string[];
  /** The kernel may not be watched, only user space. */
  readonly userOnly: boolean;
}

export type PerfProbe = { ok: true; abilities: PerfAbilities } | { ok: false; error: string };

/** A probe that takes longer than this hangs. */
const LONGEST_PROBE_MS = 5_000;

/** Starts a perf that somebody looks after to its end. */
export type StartPerf = (run: PerfRun) => PerfProcess;

/** Finds out what perf can count on these CPUs by letting it count everything for a moment. */
export async function probePerf(cpus: string, rootfs: string, start: StartPerf): Promise<PerfProbe> {
  const first = await tryFormat('json', cpus, rootfs, start);
  // perf before 6.0 cannot print JSON.
  return first === 'unknown format' ? settle(await tryFormat('separated', cpus, rootfs, start)) : first;
}

function settle(probe: PerfProbe | 'unknown format'): PerfProbe {
  return probe === 'unknown format'
    ? { ok: false, error: 'this perf is too old: it cannot print -x' }
    : probe;
}

async function tryFormat(
  format: PerfFormat,
  cpus: string,
  rootfs: string,
  start: StartPerf,
): Promise<PerfProbe | 'unknown format'> {
  let counted: PerfInterval | undefined;
  const reader = new IntervalReader(format, Number.POSITIVE_INFINITY, (interval) => {
    counted = interval;
  });
  const run = { format, cpus, events: PERF_EVENTS, intervalMs: undefined };
  const perf = start(run);
  const hanging = setTimeout(() => perf.kill(), LONGEST_PROBE_MS);
  const { ending, stderr } = await perf.ended;
  clearTimeout(hanging);
  reader.push(perf.read());
  reader.end();
  perf.close();
  if (/unknown (?:switch|option) `(?:j|json)/.test(stderr)) return 'unknown format';
  if (counted === undefined) return { ok: false, error: explainTrouble(stderr, ending, rootfs) };
  const { events, unsupported, userOnly } = counted;
  const supported = PERF_EVENTS.filter((name) => events[name] !== undefined);
  const missing = PERF_EVENTS.filter((name) => events[name] === undefined && !unsupported.includes(name));
  return { ok: true, abilities: { format, supported, unsupported, missing, userOnly } };
}

import { availableParallelism } from 'node:os';
import { NS_PER_MS } from '../../src/base/units.ts';
import type { IncidentProcess } from '../../src/model/incidents/incident.ts';
import { keyOf, same, startedAt, startedNs } from './process_identity.ts';
import { MS_PER_JIFFY, type ProcessDetails, type ProcessReading, type Scan } from './process_scanner.ts';

/** What processes are put in order by. */
export const DIMENSIONS = ['cpu', 'faults', 'io'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** CPU time of those nobody saw: its part of all, and whose children ended in that time. */
export interface Unseen {
  readonly part: number;
  readonly parents: readonly string[];
}

/** Of each dimension; a person reads no more. */
const MOST_PROCESSES = 10;
/** Who is looked at more closely at each look, while it is still there. */
const MOST_DETAILED = 12;
/** CPU time by those nobody saw is worth a word from this part of all on. */
const WORTH_A_WORD = 0.2;
const SHORTEST_UNSEEN_MS = 30;
const MOST_PARENTS = 2;

/** Looks that are held apart: an incident is known to be over two seconds later, and what came then is not its doing. */
const MOST_RECENT = 16;

/** One process since the incident began. */
interface Tally {
  /** As it was when it was looked at last, before the recent looks. */
  last: ProcessReading;
  /** What it had done by the look before the incident, or by its first one; zeros of one that started since. */
  readonly base: Pick<
    ProcessReading,
    'runJiffies' | 'majorFaults' | 'readBytes' | 'writeBytes' | 'childrenJiffies'
  >;
  /** How much it used to run between the looks before the incident. */
  readonly usualJiffiesPerMs: number;
  details: ProcessDetails | undefined;
}

const UNBORN = { runJiffies: 0, childrenJiffies: 0, majorFaults: 0, readBytes: 0, writeBytes: 0 };

/**
 * Who did what while an incident lasted: the difference between a look at /proc before it and those since, less
 * what each process would have done anyway between that look and the beginning.
 */
export class ProcessAccount {
  readonly #sinceNs: number;
  readonly #before: Scan | undefined;
  readonly #earlier: Scan | undefined;
  readonly #details: (reading: ProcessReading) => ProcessDetails | undefined;
  readonly #tallies = new Map<string, Tally>();
  readonly #recent: Scan[] = [];
  #known: { readonly look: Scan; readonly deeds: readonly Deed[] } | undefined;
  readonly #cores = availableParallelism();

  /**
   * @param sinceNs when the incident began
   * @param before the latest look before that, and the one before it, to know what was usual
   */
  constructor(
    sinceNs: number,
    before: Scan | undefined,
    earlier: Scan | undefined,
    details: (reading: ProcessReading) => ProcessDetails | undefined,
  ) {
    this.#sinceNs = sinceNs;
    this.#before = before;
    this.#earlier = earlier;
    this.#details = details;
  }

  /** Takes in a look from the time of the incident. */
  add(scan: Scan): void {
    this.#recent.push(scan);
    this.#known = undefined;
    for (const reading of scan.processes.values()) {
      const key = keyOf(reading);
      if (!this.#tallies.has(key)) this.#tallies.set(key, this.#begin(reading));
    }
    this.#forgetOldest();
    const alive = this.#deeds(scan).filter(({ isThere }) => isThere);
    for (const dimension of DIMENSIONS) {
      for (const { tally, now } of busiest(alive, dimension).slice(0, MOST_DETAILED)) {
        tally.details ??= this.#details(now);
      }
    }
  }

  /**
   * Those that did most, the busiest of the dimension first; none where nobody did anything.
   *
   * @param untilNs when the incident was over; undefined while it lasts
   */
  processes(untilNs: number | undefined, dimension: Dimension): IncidentProcess[] {
    const last = this.#lastLook(untilNs);
    if (last === undefined) return [];
    const deeds = this.#deeds(last);
    const order = [dimension, ...DIMENSIONS.filter((other) => other !== dimension)];
    const found = new Set(order.flatMap((each) => busiest(deeds, each).slice(0, MOST_PROCESSES)));
    const lastedMs = Math.max((untilNs ?? last.atNs) - this.#sinceNs, NS_PER_MS) / NS_PER_MS;
    // The look behind the end came a little later, and all together cannot have run longer than there were cores.
    const totalMs = deeds.reduce((sum, { cpu }) => sum + cpu, 0);
    const within = Math.min(1, (lastedMs * this.#cores) / Math.max(totalMs, 1));
    return [...found].map((deed) => this.#describe({ ...deed, cpu: deed.cpu * within }, lastedMs));
  }

  /** CPU time of processes that came and went between two looks, if it is enough to tell of. */
  unseen(untilNs: number | undefined): Unseen | undefined {
    const before = this.#before;
    const last = this.#lastLook(untilNs);
    if (before === undefined || last === undefined) return undefined;
    const usual = usualPerMs(before.busyMs, this.#earlier?.busyMs, before, this.#earlier);
    const totalMs = last.busyMs - before.busyMs - usual * this.#waitMs();
    const deeds = this.#deeds(last);
    const ms = totalMs - deeds.reduce((sum, deed) => sum + deed.cpu, 0);
    if (!(ms >= SHORTEST_UNSEEN_MS) || ms < totalMs * WORTH_A_WORD) return undefined;
    const parents = deeds
      .map(({ now, tally }) => ({
        now,
        ms: (now.childrenJiffies - tally.base.childrenJiffies) * MS_PER_JIFFY,
      }))
      .filter((parent) => parent.ms >= SHORTEST_UNSEEN_MS)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, MOST_PARENTS)
      .map(({ now }) => `${now.name} (${now.pid})`);
    return { part: ms / totalMs, parents };
  }

  /** The first look after the incident, or the latest one while it lasts. */
  #lastLook(untilNs: number | undefined): Scan | undefined {
    const after = this.#recent.find(({ atNs }) => untilNs !== undefined && atNs >= untilNs);
    return after ?? this.#recent.at(-1);
  }

  /** What every process had done by a look: worked out once, though it is asked for who did most and what is missing. */
  #deeds(look: Scan): readonly Deed[] {
    if (this.#known?.look !== look) this.#known = { look, deeds: this.#deedsBy(look) };
    return this.#known.deeds;
  }

  /** Of those too that were gone by then. */
  #deedsBy(look: Scan): Deed[] {
    const looks = this.#recent.slice(0, this.#recent.indexOf(look) + 1).reverse();
    return [...this.#tallies.values()].flatMap((tally) => {
      const seen = looks.find((each) => same(each.processes.get(tally.last.pid), tally.last) !== undefined);
      const now = seen?.processes.get(tally.last.pid) ?? tally.last;
      // It came after that look.
      if (seen === undefined && this.#recent.some(({ processes }) => same(processes.get(now.pid), now)))
        return [];
      return [this.#deedOf(tally, now, seen === look, look)];
    });
  }

  #deedOf(tally: Tally, now: ProcessReading, isThere: boolean, look: Scan): Deed {
    const { base, usualJiffiesPerMs } = tally;
    const cpu = (now.runJiffies - base.runJiffies - usualJiffiesPerMs * this.#waitMs()) * MS_PER_JIFFY;
    const mostMs = (Math.max(0, look.atNs - this.#sinceNs) / NS_PER_MS) * this.#cores;
    const readBytes = growth(now.readBytes, base.readBytes);
    const writeBytes = growth(now.writeBytes, base.writeBytes);
    return {
      tally,
      now,
      isThere,
      cpu: Math.min(Math.max(0, cpu), mostMs),
      faults: now.majorFaults - base.majorFaults,
      io: (readBytes ?? 0) + (writeBytes ?? 0),
      readBytes,
      writeBytes,
    };
  }

  /** What was seen too long ago to lie behind the end of the incident. */
  #forgetOldest(): void {
    if (this.#recent.length <= MOST_RECENT) return;
    for (const reading of this.#recent.shift()?.processes.values() ?? []) {
      const tally = this.#tallies.get(keyOf(reading));
      if (tally !== undefined) tally.last = reading;
    }
  }

  #begin(reading: ProcessReading): Tally {
    const known = same(this.#before?.processes.get(reading.pid), reading);
    const earlier = same(this.#earlier?.processes.get(reading.pid), reading);
    const isNew =
      this.#before !== undefined && startedNs(reading) >= this.#before.atNs - MS_PER_JIFFY * NS_PER_MS;
    const usual = usualPerMs(known?.runJiffies, earlier?.runJiffies, this.#before, this.#earlier);
    return {
      last: reading,
      base: known ?? (isNew ? UNBORN : reading),
      usualJiffiesPerMs: usual,
      details: undefined,
    };
  }

  /** The time between the look before the incident and its beginning. */
  #waitMs(): number {
    return this.#before === undefined ? 0 : Math.max(0, this.#sinceNs - this.#before.atNs) / NS_PER_MS;
  }

  #describe(
    { tally, now, isThere, cpu, faults, readBytes, writeBytes }: Deed,
    lastedMs: number,
  ): IncidentProcess {
    const percent = Math.min((cpu / lastedMs) * 100, this.#cores * 100);
    return {
      pid: now.pid,
      command: tally.details?.command ?? now.name,
      cgroup: tally.details?.cgroup ?? null,
      started: startedAt(now),
      cpu_ms: Math.round(cpu),
      cpu_percent: Math.round(percent * 10) / 10,
      major_faults: faults,
      read_bytes: readBytes ?? null,
      write_bytes: writeBytes ?? null,
      threads: now.threads,
      state: isThere ? 'running' : 'ended',
    };
  }
}

/** What a process did within the incident. */
interface Deed extends Readonly<Record<Dimension, number>> {
  readonly tally: Tally;
  readonly now: ProcessReading;
  /** Whether it was there at the look. */
  readonly isThere: boolean;
  readonly readBytes: number | undefined;
  readonly writeBytes: number | undefined;
}

function busiest(deeds: readonly Deed[], dimension: Dimension): Deed[] {
  return deeds.filter((deed) => deed[dimension] > 0).sort((a, b) => b[dimension] - a[dimension]);
}

/** What grew a millisecond between two looks before the incident; 0 where that is not known. */
function usualPerMs(
  known: number | undefined,
  earlier: number | undefined,
  before: Scan | undefined,
  beforeThat: Scan | undefined,
): number {
  if (known === undefined || earlier === undefined || before === undefined || beforeThat === undefined)
    return 0;
  const elapsedMs = (before.atNs - beforeThat.atNs) / NS_PER_MS;
  return elapsedMs > 0 ? Math.max(0, known - earlier) / elapsedMs : 0;
}

function growth(now: number | undefined, base: number | undefined): number | undefined {
  return now === undefined || base === undefined ? undefined : Math.max(0, now - base);
}

import { monotonicNs } from '../../src/base/clock.ts';
import { isoTimestamp } from '../../src/base/timestamps.ts';
import { formatDurationMs, NS_PER_MS, NS_PER_US } from '../../src/base/units.ts';
import type { EvidenceStatus, Phase } from '../../src/incidents/messages.ts';
import { AROUND_INCIDENT_MS, type IncidentReport } from '../../src/model/incidents/incident.ts';
import type { Watch } from '../../src/model/incidents/watch.ts';
import type { Crossing } from '../../src/watching/crossing.ts';
import { type Dimension, ProcessAccount, type Unseen } from './process_account.ts';
import type { ProcessDetails, ProcessReading, Scan } from './process_scanner.ts';
import { whoDidIt } from './who.ts';

/** Incidents under way at a time; beyond that the machine has one trouble, and the list need not have more. */
const MOST_OPEN = 64;
const MOST_OPEN_OF_WATCH = 16;
const AROUND_NS = AROUND_INCIDENT_MS * NS_PER_MS;
/** Looks that are remembered: the one before an incident may lie a few looks back when it is told late. */
const MOST_SCANS = 8;
const ALPHABET = 36;
const GROUPS = 'cgroups.groups.';

interface Open {
  readonly id: string;
  readonly watch: Watch;
  readonly field: string;
  readonly source: object;
  readonly sinceNs: number;
  readonly account: ProcessAccount;
  peak: number;
  peakNs: number;
}

export interface BookOptions {
  readonly watches: readonly Watch[];
  /** Unix time minus monotonic time, as the sampler has it. */
  readonly clockOffsetNs: number;
  readonly details: (reading: ProcessReading) => ProcessDetails | undefined;
  /** Takes an incident that has begun, ended, or of which more is known. */
  readonly tell: (phase: Phase | 'changed', report: IncidentReport) => void;
}

/** What happened: opens an incident at a crossing, keeps its account of processes, and closes it. */
export class IncidentBook {
  readonly #watches: ReadonlyMap<string, Watch>;
  readonly #details: BookOptions['details'];
  readonly #tell: BookOptions['tell'];
  readonly #open = new Map<string, Open>();
  readonly #scans: Scan[] = [];
  #made = 0;
  suppressed: EvidenceStatus['suppressed'] = 0;
  clockOffsetNs: number;

  constructor({ watches, clockOffsetNs, details, tell }: BookOptions) {
    this.#watches = new Map(watches.map((watch) => [watch.name, watch]));
    this.clockOffsetNs = clockOffsetNs;
    this.#details = details;
    this.#tell = tell;
  }

  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** When the youngest of the incidents under way began; undefined when there is none. */
  get latestSinceNs(): number | undefined {
    return this.isOpen ? Math.max(...[...this.#open.values()].map(({ sinceNs }) => sinceNs)) : undefined;
  }

  /** @param source whoever tells it, whose incidents end when it is gone */
  hear(crossing: Crossing, source: object): void {
    const key = `${crossing.watch} ${crossing.field}`;
    const open = this.#open.get(key);
    switch (crossing.type) {
      case 'suspected':
        break;
      case 'began':
        if (open === undefined) this.#begin(key, crossing, source);
        break;
      case 'rose':
        if (open !== undefined) {
          open.peak = crossing.peak;
          open.peakNs = crossing.peakNs;
        }
        break;
      case 'ended':
        if (open === undefined) break;
        open.peak = crossing.peak;
        open.peakNs = crossing.peakNs;
        this.#end(key, open, crossing.untilNs);
        break;
    }
  }

  /** Takes a look at all processes. */
  look(scan: Scan): void {
    this.#scans.push(scan);
    if (this.#scans.length > MOST_SCANS) this.#scans.shift();
    for (const open of this.#open.values()) {
      open.account.add(scan);
      this.#tell('changed', this.#report(open));
    }
  }

  /** Ends what somebody told who is gone. */
  left(source: object, nowNs: number): void {
    for (const [key, open] of this.#open) if (open.source === source) this.#end(key, open, nowNs);
  }

  /** Ends all that is under way: the sampler ends. */
  close(nowNs: number): void {
    for (const [key, open] of this.#open) {
      this.#end(key, open, nowNs, '; it was still going on when the sampler was stopped');
    }
  }

  #begin(
    key: string,
    { field, sinceNs, peak, peakNs, ...crossing }: Extract<Crossing, { type: 'began' }>,
    source: object,
  ): void {
    const watch = this.#watches.get(crossing.watch);
    if (watch === undefined) return;
    const ofWatch = [...this.#open.values()].filter((other) => other.watch === watch).length;
    if (this.#open.size >= MOST_OPEN || ofWatch >= MOST_OPEN_OF_WATCH) {
      this.suppressed++;
      return;
    }
    const earlier = this.#scans.filter(({ atNs }) => atNs <= sinceNs);
    const account = new ProcessAccount(sinceNs, earlier.at(-1), earlier.at(-2), this.#details);
    for (const scan of this.#scans) if (scan.atNs > sinceNs) account.add(scan);
    const open = { id: this.#newId(sinceNs), watch, field, source, sinceNs, account, peak, peakNs };
    this.#open.set(key, open);
    this.#tell('began', this.#report(open));
  }

  #end(key: string, open: Open, untilNs: number, remark = ''): void {
    this.#open.delete(key);
    this.#tell('ended', this.#report(open, untilNs, remark));
  }

  /** Sorts by time, is short enough to type, and differs from those of the same millisecond. */
  #newId(sinceNs: number): string {
    const ms = Math.floor((sinceNs + this.clockOffsetNs) / NS_PER_MS);
    return `${ms.toString(ALPHABET)}${(this.#made++ % ALPHABET).toString(ALPHABET)}`;
  }

  #report(open: Open, untilNs?: number, remark = ''): IncidentReport {
    const { id, watch, field, sinceNs, account, peak, peakNs } = open;
    const processes = account.processes(untilNs, dimensionOf(watch));
    const unseen = account.unseen(untilNs);
    return {
      id,
      watch: watch.name,
      field,
      threshold: watch.threshold,
      began: this.#time(sinceNs),
      ended: untilNs === undefined ? null : this.#time(untilNs),
      peak: rounded(peak),
      peak_at: this.#time(peakNs),
      message: sentence(open, untilNs) + (unseen === undefined ? '' : unseenRemark(unseen)) + remark,
      who: inGroup(open, whoDidIt(processes, dimensionOf(watch))),
      processes,
      snapshots: {
        since: this.#time(sinceNs - AROUND_NS),
        until: this.#time((untilNs ?? monotonicNs()) + AROUND_NS),
      },
    };
  }

  #time(ns: number): string {
    return isoTimestamp(Math.floor((ns + this.clockOffsetNs) / NS_PER_US));
  }
}

/** `cpu.usage_percent was >= 95 percent for 400ms, 100 at worst`. */
function sentence({ watch, field, peak, sinceNs }: Open, untilNs: number | undefined): string {
  const { comparison, threshold, unit, compared } = watch;
  const what = compared === 'growth' ? `${field} grew by` : field;
  const inUnit = unit === '' ? '' : ` ${unit === 'percent' ? '%' : unit}`;
  const worst = `${rounded(peak)}${inUnit} at worst`;
  if (untilNs === undefined) return `${what} ${comparison} ${threshold}${inUnit}, ${worst} so far`;
  const lasted = formatDurationMs(Math.round((untilNs - sinceNs) / NS_PER_MS));
  return `${what} ${comparison} ${threshold}${inUnit} for ${lasted}, ${worst}`;
}

function unseenRemark({ part, parents }: Unseen): string {
  const of = parents.length === 0 ? '' : ` (children of ${parents.join(' and ')} ended in that time)`;
  return `; ${Math.round(part * 100)} % of the CPU time was used by processes that came and went unseen${of}`;
}

/** Where a group is watched, it is the group that did it, whether or not a process of it was seen. */
function inGroup({ watch, field }: Open, who: string | null): string | null {
  if (watch.collector !== 'cgroups') return who;
  const group = field.slice(GROUPS.length, field.lastIndexOf('.'));
  return who === null ? group : `${group}; busiest of all: ${who}`;
}

/** What those who did it did most of. */
function dimensionOf({ collector, field }: Watch): Dimension {
  if (/pgmajfault|major_fault|pswpin/.test(field) || field.startsWith('pressure.memory')) return 'faults';
  if (collector === 'disk' || field.startsWith('pressure.io') || /pgpg|read_|write_/.test(field)) return 'io';
  return 'cpu';
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

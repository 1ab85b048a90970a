import { NS_PER_MS } from '../../src/base/units.ts';
import { COLUMNS, type CpuTimes, IDLE, IOWAIT, KINDS } from '../parse/stat.ts';

const NS_PER_JIFFY = 10 * NS_PER_MS;
/** An idle counter that falls by this many jiffies belongs to a CPU that was unplugged in between. */
export const HOTPLUG_IDLE_DROP = 300;
/** Counters are updated late and in steps: a difference of up to this is no contradiction. */
const SLACK_JIFFIES = 20;
/** A core that counts more than this many times what the others do has counters that jumped. */
const MOST_TIMES_OTHERS = 2;
/** Time that grew by this many times what passed never passed, whatever the other cores say. */
const MOST_TIMES_ELAPSED = 60;
/** How far the row of all cores may be from their sum. */
const TOLERANCE = 0.05;
/** For how many readings a refusal is reported. */
const TOLD_FOR_READINGS = 100;

/**
 * What the rows of /proc/stat grew by between two readings, checked against each other and against the time that
 * passed: the kernel lets iowait and idle go backwards, starts counters anew when a core is plugged in, and jumps
 * steal by days when a guest is moved. A core that counted more than can have passed is left out, and where the row
 * of all cores contradicts their sum, the sum counts.
 */
export class CpuGrowth {
  /** Of all cores together, by kind. */
  readonly deltas = new Float64Array(KINDS);
  /** The sum of them; 0 when no time has passed, or nothing can be believed. */
  all = 0;
  /** What was not believed of late; undefined when everything was. */
  refused: string | undefined;
  readonly #total = new Float64Array(KINDS);
  /** Of each core: what it grew by in all, or not-a-number; and its busy share in percent. */
  #sums = new Float64Array(8);
  #usage = new Float64Array(8);
  #cores = new Float64Array(8 * KINDS);
  #toldFor = 0;

  between(before: CpuTimes, after: CpuTimes, elapsedNs: number): this {
    const { coreCount } = after;
    if (this.#sums.length < coreCount) {
      this.#sums = new Float64Array(after.coreIds.length);
      this.#usage = new Float64Array(after.coreIds.length);
      this.#cores = new Float64Array(after.coreIds.length * KINDS);
    }
    const elapsedJiffies = elapsedNs / NS_PER_JIFFY;
    let most = 0;
    for (let row = 0; row < coreCount; row++) {
      const sum = this.#growthOf(before, after, row);
      if (sum > most) most = sum;
    }
    if (this.#toldFor > 0 && --this.#toldFor === 0) this.refused = undefined;
    if (most > MOST_TIMES_OTHERS * elapsedJiffies + SLACK_JIFFIES) this.#refuseJumps(after, elapsedJiffies);
    this.#add(before, after, elapsedJiffies);
    return this;
  }

  /** The busy share of the core in that row, in percent; null when nothing is known of it. */
  usageOf(row: number): number | null {
    const usage = this.#usage[row]!;
    return Number.isNaN(usage) ? null : usage;
  }

  /** Adds what the core in that row grew by, kind by kind, unless that is not known. */
  addTo(times: Float64Array, row: number): void {
    if (Number.isNaN(this.#sums[row]!)) return;
    for (let kind = 0; kind < KINDS; kind++) times[kind]! += this.#cores[row * KINDS + kind]!;
  }

  /** Fills what is known of one core, and returns how much it grew in all. */
  #growthOf(before: CpuTimes, after: CpuTimes, row: number): number {
    const was = findCore(before, after.coreIds[row]!, row) * COLUMNS;
    const is = row * COLUMNS;
    if (was < 0 || before.cores[was + IDLE]! - after.cores[is + IDLE]! >= HOTPLUG_IDLE_DROP) {
      this.#forget(row);
      return 0;
    }
    const sum = difference(before.cores, was, after.cores, is, this.#cores, row * KINDS);
    const rest = this.#cores[row * KINDS + IDLE]! + this.#cores[row * KINDS + IOWAIT]!;
    this.#sums[row] = sum;
    this.#usage[row] = sum === 0 ? Number.NaN : (100 * (sum - rest)) / sum;
    return sum;
  }

  #forget(row: number): void {
    this.#sums[row] = Number.NaN;
    this.#usage[row] = Number.NaN;
  }

  /** Leaves out cores whose time jumped: far beyond what the others counted, or beyond all reason. */
  #refuseJumps({ coreCount, coreIds }: CpuTimes, elapsedJiffies: number): void {
    const known = this.#sums.slice(0, coreCount).filter((sum) => sum > 0);
    const median = known.sort()[Math.floor((known.length - 1) / 2)] ?? 0;
    const most = Math.min(
      MOST_TIMES_OTHERS * Math.max(median, elapsedJiffies) + SLACK_JIFFIES,
      MOST_TIMES_ELAPSED * (elapsedJiffies + SLACK_JIFFIES),
    );
    for (let row = 0; row < coreCount; row++) {
      const sum = this.#sums[row]!;
      if (!(sum > most)) continue;
      this.#forget(row);
      this.#tell(
        `cpu${coreIds[row]} counted ${seconds(sum)} s in ${seconds(elapsedJiffies)} s; not believed`,
      );
    }
  }

  /** From the row of all cores, unless their sum contradicts it. */
  #add(before: CpuTimes, after: CpuTimes, elapsedJiffies: number): void {
    const { deltas } = this;
    const { coreCount } = after;
    const total = this.#total;
    const allOfTotal = difference(before.total, 0, after.total, 0, total, 0);
    let allOfCores = 0;
    let known = 0;
    deltas.fill(0);
    for (let row = 0; row < coreCount; row++) {
      const sum = this.#sums[row]!;
      if (Number.isNaN(sum)) continue;
      known++;
      allOfCores += sum;
      for (let kind = 0; kind < KINDS; kind++) deltas[kind]! += this.#cores[row * KINDS + kind]!;
    }
    this.all = allOfCores;
    // Cores that have just come are in the row of all, and not yet in the sum.
    const unknown = (coreCount - known) * elapsedJiffies;
    const agrees = Math.abs(allOfTotal - allOfCores) <= SLACK_JIFFIES + TOLERANCE * allOfCores + unknown;
    const isPossible = allOfTotal <= MOST_TIMES_ELAPSED * (elapsedJiffies + SLACK_JIFFIES);
    if (known > 0 ? agrees : coreCount === 0 && isPossible) {
      deltas.set(total);
      this.all = allOfTotal;
    } else if (known === coreCount) {
      this.#tell('the row of all cores contradicts those of the cores, whose sum is shown');
    }
  }

  #tell(message: string): void {
    this.refused = message;
    this.#toldFor = TOLD_FOR_READINGS;
  }
}

function seconds(jiffies: number): string {
  return (jiffies / 100).toFixed(2);
}

/**
 * What each kind of time grew by, and the sum. A kind that went backwards (the kernel lets iowait and idle do so)
 * counts as 0 by itself; subtracting the sums instead would let it eat up the others.
 */
function difference(
  before: Float64Array,
  atBefore: number,
  after: Float64Array,
  at: number,
  deltas: Float64Array,
  to: number,
): number {
  let all = 0;
  for (let kind = 0; kind < KINDS; kind++) {
    const delta = Math.max(0, after[at + kind]! - before[atBefore + kind]!);
    deltas[to + kind] = delta;
    all += delta;
  }
  return all;
}

/** The row of a core in another reading: the same one, unless cores came or went in between; -1 if none. */
function findCore(times: CpuTimes, id: number, likelyRow: number): number {
  if (likelyRow < times.coreCount && times.coreIds[likelyRow] === id) return likelyRow;
  for (let row = 0; row < times.coreCount; row++) if (times.coreIds[row] === id) return row;
  return -1;
}

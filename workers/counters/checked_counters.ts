import { formatDurationMs, NS_PER_MS, NS_PER_SECOND } from '../../src/base/units.ts';
import { type Ceiling, mostWithin } from './ceiling.ts';
import { CounterGroup, type CounterLayout } from './counter_group.ts';
import { Disbelief } from './disbelief.ts';

const ALONE: CounterLayout = { columns: [0], rated: 1 };

class Counter {
  readonly group = new CounterGroup(ALONE);
  readonly disbelief = new Disbelief();
  readonly ceiling: Ceiling;
  readonly reading = new Float64Array(1);
  readonly most = new Float64Array(1);

  constructor(ceiling: Ceiling) {
    this.ceiling = ceiling;
  }
}

/**
 * Counters of one file that have nothing to do with each other: each is held to what it can have counted, and one
 * that is not believed costs its own rate only.
 */
export class CheckedCounters {
  /** What each grew by per second since the reading before; not-a-number where that is not known. */
  readonly perSecond: Float64Array;
  readonly #counters: readonly Counter[];

  constructor(ceilings: readonly Ceiling[]) {
    this.#counters = ceilings.map((ceiling) => new Counter(ceiling));
    this.perSecond = new Float64Array(ceilings.length).fill(Number.NaN);
  }

  /** @param elapsedNs since the reading before; 0 when there is none to compare with */
  advance(readings: Float64Array, elapsedNs: number): void {
    for (let i = 0; i < this.#counters.length; i++) {
      this.perSecond[i] = advance(this.#counters[i]!, readings[i]!, elapsedNs);
    }
  }

  /** Why there is, or was of late, no rate of a counter although it was read twice. */
  doubtOf(index: number): string | undefined {
    return this.#counters[index]!.disbelief.message;
  }

  /** Takes the next reading for the first. */
  forget(): void {
    for (const { group } of this.#counters) group.forget();
  }
}

function advance(
  { group, disbelief, ceiling, reading, most }: Counter,
  value: number,
  elapsedNs: number,
): number {
  disbelief.pass();
  // No such line, at least not this time: when it is back, its growth is that of a time nobody knows.
  if (Number.isNaN(value)) {
    group.forget();
    return Number.NaN;
  }
  const before = group.values[0]!;
  const wasSeen = group.isSeen;
  reading[0] = value;
  most[0] = mostWithin(ceiling, elapsedNs);
  group.advance(reading, elapsedNs > 0 ? most : undefined);
  if (!(elapsedNs > 0)) return Number.NaN;
  if (group.known) return (group.deltas[0]! * NS_PER_SECOND) / elapsedNs;
  if (wasSeen) disbelief.tell(describe(value - before, elapsedNs));
  return Number.NaN;
}

function describe(growth: number, elapsedNs: number): string {
  if (growth < 0) return 'it went backwards: what it counted meanwhile is not known';
  const time = formatDurationMs(Math.round(elapsedNs / NS_PER_MS));
  return `it grew by ${growth} within ${time}, which cannot have happened: that is left out`;
}

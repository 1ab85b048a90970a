import { NS_PER_SECOND } from '../../src/base/units.ts';
import { type Ceiling, mostWithin } from '../counters/ceiling.ts';
import { Growth } from './growth.ts';
import { READ_BYTES, READS, TRANSFERS, WRITE_BYTES, WRITES } from './parse/io_stat.ts';
import type { GroupContext } from './reader.ts';

/** No device is faster than this, and none completes more requests; nor does a host fault more often. */
const FASTEST: Ceiling = { perSecond: 1e11, atOnce: 1e11 };
const MOST_EVENTS: Ceiling = { perSecond: 1e9, atOnce: 1e9 };

/** What a group has transferred since it was made, and how fast: the same in both versions. */
export class TransferTotals {
  /** To be filled before {@link publish}; NaN for what is not there. */
  readonly reading = new Float64Array(TRANSFERS).fill(Number.NaN);
  readonly #growth = new Growth(TRANSFERS);
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  publish(nowNs: number): void {
    const { data } = this.#context;
    const { reading } = this;
    const growth = this.#growth;
    growth.advance(reading, nowNs);
    data.read_bytes = orAbsent(reading[READ_BYTES]!);
    data.write_bytes = orAbsent(reading[WRITE_BYTES]!);
    data.read_count = orAbsent(reading[READS]!);
    data.write_count = orAbsent(reading[WRITES]!);
    data.read_bytes_per_sec = this.#rate(READ_BYTES, FASTEST);
    data.write_bytes_per_sec = this.#rate(WRITE_BYTES, FASTEST);
    data.reads_per_sec = this.#rate(READS, MOST_EVENTS);
    data.writes_per_sec = this.#rate(WRITES, MOST_EVENTS);
  }

  forget(): void {
    this.#growth.forget();
  }

  #rate(column: number, ceiling: Ceiling): number | undefined {
    return rateOf(this.#growth, column, ceiling, 'read_bytes_per_sec', 'io.stat, blkio', this.#context);
  }
}

/** Major faults of a group, the same in both versions. */
export class FaultTotal {
  readonly #reading = new Float64Array(1);
  readonly #growth = new Growth(1);
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** @param faults NaN where they are not told */
  publish(faults: number, nowNs: number): void {
    const { data } = this.#context;
    this.#reading[0] = faults;
    this.#growth.advance(this.#reading, nowNs);
    data.major_faults = orAbsent(faults);
    data.major_faults_per_sec = rateOf(
      this.#growth,
      0,
      MOST_EVENTS,
      'major_faults_per_sec',
      'memory.stat',
      this.#context,
    );
  }

  forget(): void {
    this.#growth.forget();
  }
}

/** Undefined for what is not there. */
export function orAbsent(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function rateOf(
  { deltas, elapsedNs }: Growth,
  column: number,
  ceiling: Ceiling,
  field: string,
  source: string,
  { doubts, name }: GroupContext,
): number | undefined {
  const delta = deltas[column]!;
  if (Number.isNaN(delta)) return undefined;
  if (delta <= mostWithin(ceiling, elapsedNs)) return (delta * NS_PER_SECOND) / elapsedNs;
  doubts.tell(
    field,
    source,
    `a counter of ${name} grew by ${delta}, which cannot have happened; that is left out`,
  );
  return undefined;
}

import type { PackedRecord } from '../../records/layout.ts';
import { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { Packer } from '../../records/packer.ts';
import { unpack } from '../../records/unpack.ts';
import { PartFold } from './part_fold.ts';
import { PerfCounts, type PerfEvents } from './perf_counts.ts';
import { ThinnedSnapshot } from './thinned_snapshot.ts';
import { intervalOf, type Tick } from './tick.ts';

/**
 * What there was in an interval so far: counters and gauges as they are at the end, rates and shares of time as
 * their mean over the interval, weighted by the time each covers. For a rate that mean is what the counters at both
 * ends would give.
 */
export class IntervalFold {
  readonly #intervalMs: number;
  readonly #withExtremes: boolean;
  readonly #parts = new Map<string, PartFold>();
  readonly #perf = new PerfCounts();
  readonly #perfPacker = new Packer();
  #last: Tick | undefined;

  constructor(intervalMs: number, withExtremes: boolean) {
    this.#intervalMs = intervalMs;
    this.#withExtremes = withExtremes;
  }

  get isEmpty(): boolean {
    return this.#last === undefined;
  }

  /** Whether the interval was over before this tick: the last ticks of it may have been missed. */
  isOverAt({ number, intervalMs }: Tick): boolean {
    const last = this.#last;
    if (last === undefined) return false;
    const current = intervalOf(last.number, last.intervalMs, this.#intervalMs);
    return intervalOf(number, intervalMs, this.#intervalMs) !== current;
  }

  add(tick: Tick): void {
    const { parts } = tick.snapshot.packed;
    for (const [name, elapsedMs] of tick.delivered) this.#part(name).add(parts.get(name)!, elapsedMs);
    if (tick.perf !== undefined) this.#perf.add(tick.perf);
    this.#last = tick;
  }

  /** Takes in all of an interval that lies within this one, and comes after what is here already. */
  merge(other: IntervalFold): void {
    if (other.#last === undefined) return;
    for (const [name, part] of other.#parts) this.#part(name).merge(part);
    this.#perf.merge(other.#perf);
    this.#last = other.#last;
  }

  /** One snapshot for the whole interval. */
  snapshot(): ThinnedSnapshot | undefined {
    const last = this.#last?.snapshot.packed;
    if (last === undefined) return undefined;
    const parts = new Map<string, PackedRecord>();
    for (const [name, part] of last.parts) parts.set(name, this.#parts.get(name)?.meanOf(part) ?? part);
    const perf = last.parts.get('perf_events');
    if (perf !== undefined && !this.#perf.isEmpty) {
      const counted = this.#perf.applyTo(unpack(perf) as unknown as PerfEvents);
      parts.set('perf_events', this.#perfPacker.pack(counted));
    }
    const packed = new PackedSnapshot(last.sequence, last.moment, parts);
    if (!this.#withExtremes) return new ThinnedSnapshot(packed);
    return new ThinnedSnapshot(packed, {
      minimum: this.#extremes('minimum'),
      maximum: this.#extremes('maximum'),
    });
  }

  clear(): void {
    for (const part of this.#parts.values()) part.clear();
    this.#perf.clear();
    this.#last = undefined;
  }

  #extremes(which: 'minimum' | 'maximum'): Map<string, PackedRecord> {
    const parts = [...this.#parts].filter(([, part]) => !part.isEmpty);
    return new Map(parts.map(([name, part]) => [name, part.extreme(which)]));
  }

  #part(name: string): PartFold {
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = new PartFold(name, this.#withExtremes);
      this.#parts.set(name, part);
    }
    return part;
  }
}

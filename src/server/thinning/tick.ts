import type { Sampling } from '../../model/snapshot.ts';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { unpack } from '../../records/unpack.ts';
import type { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import type { PerfEvents } from './perf_counts.ts';

/** A snapshot with what thinning has to know of it, found out once for all intervals. */
export interface Tick {
  readonly snapshot: EncodedSnapshot;
  readonly number: number;
  readonly intervalMs: number;
  /** The collectors that delivered, and what each one's rates cover. */
  readonly delivered: readonly (readonly [collector: string, elapsedMs: number])[];
  /** An interval of perf's own that was not in a snapshot before. */
  readonly perf: PerfEvents | undefined;
}

/** Looks at snapshots in order. Each of perf's intervals may be in more than one, and counts once. */
export class TickReader {
  #perfSampleTime: string | undefined;

  read(snapshot: EncodedSnapshot): Tick {
    const { packed } = snapshot;
    // What was packed is what the sampler made.
    const sampling = unpack(packed.sampling) as unknown as Sampling;
    const delivered: [string, number][] = [];
    for (const [name, state] of Object.entries(sampling.collectors)) {
      if (state.state === 'ok' && packed.parts.has(name))
        delivered.push([name, state.elapsed_ms ?? sampling.interval_ms]);
    }
    const { tick: number, interval_ms: intervalMs } = sampling;
    return { snapshot, number, intervalMs, delivered, perf: this.#newPerf(packed) };
  }

  #newPerf({ parts }: PackedSnapshot): PerfEvents | undefined {
    const part = parts.get('perf_events');
    if (part === undefined) return undefined;
    const perf = unpack(part) as unknown as PerfEvents;
    if (perf.sample_time === undefined || perf.sample_time === this.#perfSampleTime) return undefined;
    this.#perfSampleTime = perf.sample_time;
    return perf;
  }
}

/** In which of the intervals of such a length a tick lies. */
export function intervalOf(tick: number, tickMs: number, lengthMs: number): number {
  return Math.floor((tick * tickMs) / lengthMs);
}

/** Whether a tick is the last in its interval. */
export function endsInterval({ number, intervalMs }: Tick, lengthMs: number): boolean {
  return intervalOf(number + 1, intervalMs, lengthMs) !== intervalOf(number, intervalMs, lengthMs);
}

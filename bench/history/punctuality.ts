import { HzstatClient } from '../../src/client/client.ts';
import { quantile } from '../measure/statistics.ts';
import { HzstatProcess } from '../processes/hzstat.ts';
import { progress } from '../report/progress.ts';

const HZ = 100;
const MINUTE_MS = 60_000;
/** Within this time after a minute began, the one before is sealed: its last second is written first. */
const SEALING_MS = 3_000;

/** How late ticks were, in milliseconds, and how many of a thousand were missed. */
export interface Lateness {
  readonly ticks: number;
  readonly p50: number;
  readonly p99: number;
  readonly missedPerMille: number;
}

export interface Punctuality {
  readonly hz: number;
  readonly sealing: Lateness;
  readonly between: Lateness;
}

/** Watches the ticks of a recording server at 100 Hz: those at which a minute is being sealed, and the others. */
export async function measurePunctuality(minutes: number): Promise<Punctuality> {
  progress(`lateness of ticks while ${minutes} minutes are sealed, and between`);
  const server = await HzstatProcess.start({ hz: HZ, history: true });
  const client = await HzstatClient.connect({ url: server.url });
  const sealing = new Ticks();
  const between = new Ticks();
  let first: number | undefined;
  for await (const { timestamp, sampling } of client) {
    const atMs = Date.parse(timestamp);
    const minute = Math.floor(atMs / MINUTE_MS);
    first ??= minute;
    // The first minute is sealed by an engine that has to be loaded first.
    if (minute > first + minutes + 1) break;
    const ticks = atMs % MINUTE_MS < SEALING_MS ? sealing : between;
    ticks.add(sampling.tick, sampling.lateness_ms, minute >= first + 2);
  }
  client.close();
  await server.stop();
  return { hz: HZ, sealing: sealing.lateness(), between: between.lateness() };
}

/** Ticks of one kind; a gap between neighbours of the same kind is of ticks that were missed. */
class Ticks {
  readonly #latenessMs: number[] = [];
  #missed = 0;
  #previous: number | undefined;

  add(tick: number, latenessMs: number, counts: boolean): void {
    const gap = this.#previous === undefined ? 0 : tick - this.#previous - 1;
    this.#previous = tick;
    if (!counts) return;
    this.#latenessMs.push(latenessMs);
    // What lies in between is of the other kind when the gap is longer than a second.
    if (gap < HZ) this.#missed += gap;
  }

  lateness(): Lateness {
    const ticks = this.#latenessMs.length;
    return {
      ticks,
      p50: quantile(this.#latenessMs, 0.5) ?? Number.NaN,
      p99: quantile(this.#latenessMs, 0.99) ?? Number.NaN,
      missedPerMille: (1_000 * this.#missed) / (ticks + this.#missed),
    };
  }
}

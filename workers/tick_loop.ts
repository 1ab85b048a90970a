import type { MessagePort } from 'node:worker_threads';
import { monotonicNs } from '../src/shared/clock.ts';
import type { AnyData, FromCollector, Schedule, TickResult } from '../src/shared/messages.ts';
import { NS_PER_MS } from '../src/shared/units.ts';
import type { BaseCollector } from './base_collector.ts';
import type { TickWait } from './tick_wait.ts';

/** What the event loop is given at most after a tick, and what must be left until the next one. */
const LONGEST_YIELD_MS = 5;
const YIELD_MARGIN_NS = 3 * NS_PER_MS;

const nextEventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const oneMillisecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * One collector's life: wake at the absolute multiples of the interval, read, and post what came of it.
 * A tick that was slept through is counted and skipped, never made up for.
 */
export class TickLoop {
  readonly #collector: BaseCollector<AnyData>;
  readonly #wait: TickWait;
  readonly #port: MessagePort;
  #schedule: Schedule;
  #nextTick = 0;
  #missedTicks = 0;
  #stopped = false;
  #undelivered: TickResult[] = [];

  constructor(collector: BaseCollector<AnyData>, wait: TickWait, port: MessagePort, schedule: Schedule) {
    this.#collector = collector;
    this.#wait = wait;
    this.#port = port;
    this.#schedule = schedule;
  }

  /** Runs until main says stop. */
  async run(): Promise<void> {
    this.#follow(this.#schedule);
    if (this.#collector.needsEventLoop()) await this.#yield();
    for (;;) {
      const sleeping = this.#waitForTick();
      if (sleeping !== undefined) await sleeping;
      if (this.#obeyMessages()) continue;
      if (this.#stopped) return;
      this.#sampleIfDue();
      if (this.#collector.needsEventLoop()) await this.#yield();
    }
  }

  #waitForTick(): Promise<void> | undefined {
    const collector = this.#collector;
    const deadlineNs = collector.enabled
      ? this.#nextTick * this.#schedule.intervalNs
      : Number.POSITIVE_INFINITY;
    if (collector.waitsInEventLoop) return this.#wait.sleep(deadlineNs);
    this.#wait.block(deadlineNs, collector.longestBlockNs);
    return undefined;
  }

  /** Lets in what the collector waits for, as long as that takes no longer than a moment and the next tick is not near. */
  async #yield(): Promise<void> {
    for (let ms = 0; ms < LONGEST_YIELD_MS && this.#collector.needsEventLoop(); ms++) {
      const leftNs = this.#nextTick * this.#schedule.intervalNs - monotonicNs();
      if (leftNs < YIELD_MARGIN_NS) return nextEventLoopTurn();
      await oneMillisecond();
    }
  }

  /** Does what main asked for and tells whether that changed when the next tick is due. */
  #obeyMessages(): boolean {
    let changed = false;
    for (let message = this.#wait.receive(); message !== undefined; message = this.#wait.receive()) {
      switch (message.type) {
        case 'schedule':
          this.#follow(message.schedule);
          changed = true;
          break;
        case 'enable':
          this.#collector.enabled = message.enabled;
          // Whatever was read before the pause is too old to compute a rate from.
          this.#collector.reset();
          this.#follow(this.#schedule);
          changed = true;
          break;
        case 'stop':
          this.#stopped = true;
          break;
      }
    }
    return changed && !this.#stopped;
  }

  #follow(schedule: Schedule): void {
    this.#schedule = schedule;
    this.#undelivered = [];
    this.#nextTick = Math.floor(monotonicNs() / schedule.intervalNs) + 1;
    if (this.#collector.enabled) this.#collector.start(schedule.intervalNs);
    else this.#collector.pause();
  }

  #sampleIfDue(): void {
    const { intervalNs } = this.#schedule;
    const startedNs = monotonicNs();
    const tick = Math.floor(startedNs / intervalNs);
    if (tick < this.#nextTick) return;
    if (tick > this.#nextTick) {
      this.#missedTicks += tick - this.#nextTick;
      this.#nextTick = tick;
      // After a stall, reading late in this tick and again at the next would bunch the two: rejoin the grid.
      if (startedNs - tick * intervalNs > intervalNs / 2) {
        this.#missedTicks++;
        this.#nextTick = tick + 1;
        return;
      }
    }
    this.#nextTick = tick + 1;
    const outcome = this.#collector.safeCollect();
    const durationNs = monotonicNs() - startedNs;
    this.#deliver({ tick, startedNs, durationNs, missedTicks: this.#missedTicks, outcome });
  }

  #deliver(result: TickResult): void {
    const { ticksPerDelivery, epoch } = this.#schedule;
    if (ticksPerDelivery === 1) {
      this.#post({ type: 'results', epoch, results: [result] });
      return;
    }
    const first = this.#undelivered[0];
    const delivery = Math.floor(result.tick / ticksPerDelivery);
    if (first !== undefined && Math.floor(first.tick / ticksPerDelivery) !== delivery) this.#flush(epoch);
    // The collector changes its object in place, so a result that waits for its delivery must be a copy.
    this.#undelivered.push(structuredClone(result));
    if ((result.tick + 1) % ticksPerDelivery === 0) this.#flush(epoch);
  }

  #flush(epoch: number): void {
    this.#post({ type: 'results', epoch, results: this.#undelivered });
    this.#undelivered = [];
  }

  #post(message: FromCollector): void {
    this.#port.postMessage(message);
  }
}

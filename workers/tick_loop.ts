import { monotonicNs } from '../src/base/clock.ts';
import { NS_PER_MS } from '../src/base/units.ts';
import type { AnyData, Schedule } from '../src/handover/messages.ts';
import type { Sources } from '../src/model/snapshot.ts';
import type { BaseCollector } from './base/base_collector.ts';
import type { Outlet } from './result_outlet.ts';
import type { TickWait } from './tick_wait.ts';

/** What the event loop is given at most after a tick, and what must be left until the next one. */
const LONGEST_YIELD_MS = 5;
/** Readings may not be closer together than this part of the interval. */
const CLOSEST_PART = 8;
const YIELD_MARGIN_NS = 3 * NS_PER_MS;

const nextEventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const oneMillisecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * One collector's life: wake at the absolute multiples of the interval, read, and hand over what came of it.
 * A tick that was slept through is counted and skipped, never made up for.
 */
export class TickLoop {
  readonly #collector: BaseCollector<AnyData>;
  readonly #wait: TickWait;
  readonly #outlet: Outlet;
  #schedule: Schedule;
  #nextTick = 0;
  #missedTicks = 0;
  #stopped = false;
  /** The delivery that has results main has not been notified of. */
  #undelivered: number | undefined;
  #announced: Sources | undefined;
  /** When the latest reading was done: it may have been interrupted at any time before. */
  #readNs = Number.NEGATIVE_INFINITY;
  /** The latest reading of the clock; each one more costs tens of microseconds on a thread that has just woken. */
  #nowNs = 0;

  constructor(collector: BaseCollector<AnyData>, wait: TickWait, outlet: Outlet, schedule: Schedule) {
    this.#collector = collector;
    this.#wait = wait;
    this.#outlet = outlet;
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
    this.#wait.block(deadlineNs, collector.longestBlockNs, this.#nowNs);
    return undefined;
  }

  /** Lets in what the collector waits for, as long as that takes no longer than a moment and the next tick is not near. */
  async #yield(): Promise<void> {
    for (let ms = 0; ms < LONGEST_YIELD_MS && this.#collector.needsEventLoop(); ms++) {
      const leftNs = this.#nextTick * this.#schedule.intervalNs - monotonicNs();
      if (leftNs < YIELD_MARGIN_NS) {
        await nextEventLoopTurn();
        break;
      }
      await oneMillisecond();
    }
    this.#nowNs = monotonicNs();
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
          if (!message.enabled) this.#outlet.pause();
          // Whatever was read before the pause is too old to compute a rate from.
          this.#collector.reset();
          this.#follow(this.#schedule);
          changed = true;
          break;
        case 'watch':
          this.#outlet.watch(message.link);
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
    this.#outlet.follow(schedule);
    this.#undelivered = undefined;
    this.#readNs = Number.NEGATIVE_INFINITY;
    this.#nowNs = monotonicNs();
    this.#nextTick = Math.floor(this.#nowNs / schedule.intervalNs) + 1;
    if (this.#collector.enabled) this.#collector.start(schedule.intervalNs);
    else this.#collector.pause();
  }

  #sampleIfDue(): void {
    const { intervalNs } = this.#schedule;
    const startedNs = monotonicNs();
    this.#nowNs = startedNs;
    const tick = Math.floor(startedNs / intervalNs);
    if (tick < this.#nextTick) return;
    this.#missedTicks += tick - this.#nextTick;
    // Two readings close together tell of next to no time: after one that was late, or after a stall, rejoin the grid.
    const lateNs = startedNs - tick * intervalNs;
    const stalled = tick > this.#nextTick && lateNs > intervalNs / 2;
    this.#nextTick = tick + 1;
    if (stalled || startedNs - this.#readNs < intervalNs / CLOSEST_PART) {
      this.#missedTicks++;
      return;
    }
    const outcome = this.#collector.safeCollect();
    this.#nowNs = monotonicNs();
    this.#readNs = this.#nowNs;
    const durationNs = this.#nowNs - startedNs;
    this.#announceSources();
    this.#deliverBefore(tick);
    this.#outlet.add({ tick, startedNs, durationNs, missedTicks: this.#missedTicks, outcome });
    this.#deliverThrough(tick);
  }

  #announceSources(): void {
    const { sources } = this.#collector;
    if (sources === undefined || sources === this.#announced) return;
    this.#announced = sources;
    this.#outlet.announce(sources);
  }

  /** A delivery that ended with ticks slept through is made when the next one begins. */
  #deliverBefore(tick: number): void {
    if (this.#undelivered === undefined || this.#undelivered === this.#deliveryOf(tick)) return;
    this.#outlet.deliver(this.#undelivered);
    this.#undelivered = undefined;
  }

  #deliverThrough(tick: number): void {
    const delivery = this.#deliveryOf(tick);
    if ((tick + 1) % this.#schedule.ticksPerDelivery === 0) {
      this.#outlet.deliver(delivery);
      this.#undelivered = undefined;
    } else this.#undelivered = delivery;
  }

  #deliveryOf(tick: number): number {
    return Math.floor(tick / this.#schedule.ticksPerDelivery);
  }
}

import type { MessagePort } from 'node:worker_threads';
import type { Arrivals } from '../src/handover/arrivals.ts';
import type { AnyData, FromCollector, Schedule, TickResult } from '../src/handover/messages.ts';
import {
  DURATION_NS,
  ELAPSED_NS,
  EPOCH,
  HEADER_SLOTS,
  LAYOUT_ID,
  MISSED_TICKS,
  ResultRing,
  STARTED_NS,
  STATE,
  STATES,
  TICK,
} from '../src/handover/result_ring.ts';
import type { Sources } from '../src/model/snapshot.ts';
import { fillRow, MISFIT } from '../src/records/fill_row.ts';
import { layoutOf, type RecordLayout, slotsOf } from '../src/records/layout.ts';
import type { WatchLink } from '../src/watching/crossing.ts';
import { WatchCheck } from '../src/watching/watch_check.ts';

/** Where rows are long, on hosts with thousands of names, a ring has fewer of them than main would like. */
const FEWEST_ROWS = 16;
const MOST_SLOTS = 512 * 1024;
const SPARE_SLOTS = 64;
/** Layouts that are kept, because a collector that fails now and then goes to and fro between two. */
const MOST_LAYOUTS = 4;

/** A layout main has been told of. */
interface KnownLayout {
  readonly id: number;
  readonly layout: RecordLayout;
}

/** Where a tick loop puts its results. */
export interface Outlet {
  /** Has room for as many rows as a schedule says, from the next result on, which is of that schedule. */
  follow(schedule: Schedule): void;
  /** Takes the result of a tick; the data may be changed afterwards. */
  add(result: TickResult<AnyData>): void;
  /** Holds results against watches from the next one on. */
  watch(link: WatchLink): void;
  /** No results are to be expected for a while. */
  pause(): void;
  /** Tells where the figures come from, from now on. */
  announce(sources: Sources): void;
  /** Says that everything of a delivery has been added. */
  deliver(delivery: number): void;
}

/** Hands results to main: through a ring in shared memory, which costs no message a tick. */
export class ResultOutlet implements Outlet {
  readonly #port: MessagePort;
  readonly #arrivals: Arrivals;
  #ring: ResultRing | undefined;
  #ringRows = FEWEST_ROWS;
  #schedule: Pick<Schedule, 'epoch' | 'intervalNs'> = { epoch: 0, intervalNs: 0 };
  #watching: WatchCheck | undefined;
  /** The layouts main knows, the latest one first. */
  #layouts: KnownLayout[] = [];
  #layoutsMade = 0;

  constructor(port: MessagePort, arrivals: Arrivals) {
    this.#port = port;
    this.#arrivals = arrivals;
  }

  follow(schedule: Schedule): void {
    this.#schedule = schedule;
    const { ringRows } = schedule;
    if (ringRows === this.#ringRows) return;
    this.#ringRows = ringRows;
    if (this.#ring !== undefined) this.#makeRing(this.#ring.rowSlots - HEADER_SLOTS);
  }

  add(result: TickResult<AnyData>): void {
    const { outcome } = result;
    const record = recordOf(outcome);
    const placed = record === undefined ? undefined : this.#place(record);
    const ring = this.#ring ?? this.#makeRing(SPARE_SLOTS);
    const { slots } = ring;
    const at = ring.start(ring.written);
    slots[at + TICK] = result.tick;
    slots[at + EPOCH] = this.#schedule.epoch;
    slots[at + STARTED_NS] = result.startedNs;
    slots[at + DURATION_NS] = result.durationNs;
    slots[at + MISSED_TICKS] = result.missedTicks;
    slots[at + STATE] = STATES.indexOf(outcome.state);
    slots[at + ELAPSED_NS] = outcome.state === 'ok' ? (outcome.elapsedNs ?? Number.NaN) : Number.NaN;
    slots[at + LAYOUT_ID] = placed?.id ?? -1;
    ring.publish();
    // Who waits for the row has it by now.
    const layout = outcome.state === 'ok' ? placed?.layout : undefined;
    this.#look(result.tick, layout, slots, at + HEADER_SLOTS);
  }

  watch({ watches, port }: WatchLink): void {
    this.#watching?.end();
    this.#watching = new WatchCheck(watches, (crossing) => port.postMessage(crossing));
  }

  pause(): void {
    this.#watching?.end();
  }

  announce(sources: Sources): void {
    this.#post({ type: 'sources', sources });
  }

  deliver(delivery: number): void {
    if (this.#arrivals.arrive(delivery)) this.#post({ type: 'delivered' });
  }

  #look(tick: number, layout: RecordLayout | undefined, slots: Float64Array, at: number): void {
    const watching = this.#watching;
    if (watching === undefined) return;
    const tickNs = tick * this.#schedule.intervalNs;
    if (layout === undefined) watching.pass(tickNs);
    else watching.look(layout, slots, at, tickNs);
  }

  /** Writes a record into the next row and returns its layout. */
  #place(record: object): KnownLayout {
    for (const known of this.#layouts) {
      const ring = this.#ring!;
      const at = ring.start(ring.written) + HEADER_SLOTS;
      if (fillRow(record, known.layout, ring.slots, at) !== MISFIT) return known;
    }
    const layout = layoutOf(record, this.#layouts[0]?.layout);
    const slots = slotsOf(layout);
    const made = { id: this.#layoutsMade++, layout };
    if (this.#ring === undefined || HEADER_SLOTS + slots > this.#ring.rowSlots)
      this.#makeRing(slots + SPARE_SLOTS);
    this.#layouts = [made, ...this.#layouts].slice(0, MOST_LAYOUTS);
    this.#post({ type: 'layout', ...made });
    const ring = this.#ring!;
    fillRow(record, layout, ring.slots, ring.start(ring.written) + HEADER_SLOTS);
    return made;
  }

  #makeRing(recordSlots: number): ResultRing {
    const rowSlots = HEADER_SLOTS + recordSlots;
    let rows = this.#ringRows;
    while (rows > FEWEST_ROWS && rows * rowSlots > MOST_SLOTS) rows /= 2;
    const geometry = { rows, rowSlots };
    const buffer = ResultRing.allocate(geometry);
    this.#ring = new ResultRing(buffer, geometry);
    this.#post({ type: 'ring', buffer, geometry });
    return this.#ring;
  }

  #post(message: FromCollector): void {
    this.#port.postMessage(message);
  }
}

function recordOf(outcome: TickResult<AnyData>['outcome']): object | undefined {
  if (outcome.state === 'ok') return outcome.data;
  return outcome.state === 'failed' ? { code: outcome.code, message: outcome.message } : undefined;
}

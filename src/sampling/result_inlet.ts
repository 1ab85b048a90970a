import type { FromCollector, Outcome, TickResult } from '../handover/messages.ts';
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
} from '../handover/result_ring.ts';
import type { PackedRecord, RecordLayout } from '../records/layout.ts';
import { slotsOf } from '../records/layout.ts';
import { unpack } from '../records/unpack.ts';

/** Layouts older than this many are not in use any more. */
const MOST_LAYOUTS = 16;
/** Slots that are set aside for rows at a time: for dozens of ticks. */
const ROWS_SLOTS = 2_048;

/** Main's end of a collector's ring. */
export class ResultInlet {
  readonly #layouts = new Map<number, { layout: RecordLayout; slots: number }>();
  #ring: ResultRing | undefined;
  #read = 0;
  /** Memory for rows, many at a time: for each by itself it would cost more than reading it. */
  #rows = new Float64Array();
  #rowsUsed = 0;
  /** Rows that came with a ring that has been replaced. */
  #left: [epoch: number, TickResult][] = [];

  /** Takes in what the coming rows mean. */
  hear(message: FromCollector): void {
    switch (message.type) {
      case 'ring':
        this.#left = this.take();
        this.#ring = new ResultRing(message.buffer, message.geometry);
        this.#read = 0;
        break;
      case 'layout':
        this.#layouts.set(message.id, { layout: message.layout, slots: slotsOf(message.layout) });
        this.#layouts.delete(message.id - MOST_LAYOUTS);
        break;
      case 'sources':
      case 'delivered':
        break;
    }
  }

  /** The results since the last time, each with the epoch of its schedule; up to a row whose layout is on its way. */
  take(): [epoch: number, TickResult][] {
    const taken = this.#left;
    this.#left = [];
    const ring = this.#ring;
    if (ring === undefined) return taken;
    const written = ring.written;
    // What main slept through is gone; the ticks show as missing.
    if ((written - this.#read) >>> 0 >= ring.rows) this.#read = (written - ring.rows + 1) >>> 0;
    while (this.#read !== written) {
      const at = ring.start(this.#read);
      const state = STATES[ring.slots[at + STATE]!] ?? 'warming_up';
      const known = this.#layouts.get(ring.slots[at + LAYOUT_ID]!);
      if (known === undefined && (state === 'ok' || state === 'failed')) break;
      const epoch = ring.slots[at + EPOCH]!;
      const row = known === undefined ? undefined : this.#copyRow(ring.slots, at + HEADER_SLOTS, known.slots);
      const result = resultAt(ring.slots, at, state, known && row && { layout: known.layout, row });
      const overwritten = (ring.written - this.#read) >>> 0 >= ring.rows;
      this.#read = (this.#read + 1) >>> 0;
      if (!overwritten) taken.push([epoch, result]);
    }
    return taken;
  }

  #copyRow(slots: Float64Array, from: number, length: number): Float64Array {
    if (this.#rowsUsed + length > this.#rows.length) {
      this.#rows = new Float64Array(Math.max(ROWS_SLOTS, length));
      this.#rowsUsed = 0;
    }
    const start = this.#rowsUsed;
    this.#rowsUsed += length;
    for (let i = 0; i < length; i++) this.#rows[start + i] = slots[from + i]!;
    return this.#rows.subarray(start, start + length);
  }
}

function resultAt(
  slots: Float64Array,
  at: number,
  state: Outcome['state'],
  data: PackedRecord | undefined,
): TickResult {
  return {
    tick: slots[at + TICK]!,
    startedNs: slots[at + STARTED_NS]!,
    durationNs: slots[at + DURATION_NS]!,
    missedTicks: slots[at + MISSED_TICKS]!,
    outcome: outcomeAt(slots, at, state, data),
  };
}

function outcomeAt(
  slots: Float64Array,
  at: number,
  state: Outcome['state'],
  data: PackedRecord | undefined,
): Outcome<PackedRecord> {
  if (data === undefined || (state !== 'ok' && state !== 'failed')) {
    return { state: state === 'disabled' ? 'disabled' : 'warming_up' };
  }
  if (state === 'failed') {
    const { code, message } = unpack(data);
    return { state: 'failed', code: String(code), message: String(message) };
  }
  const elapsedNs = slots[at + ELAPSED_NS]!;
  return Number.isNaN(elapsedNs) ? { state: 'ok', data } : { state: 'ok', data, elapsedNs };
}

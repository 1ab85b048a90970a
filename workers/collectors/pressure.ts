import { monotonicNs } from '../../src/base/clock.ts';
import { errorCode, errorMessage, HzstatError } from '../../src/base/errors.ts';
import { NS_PER_US } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { PressureData, StallData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { counterDelta, percentOf } from '../base/rates.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { FULL, parsePressure, ROWS, SOME } from '../parse/pressure.ts';

const REMEDY =
  'pressure stall information needs Linux 4.20 or later with CONFIG_PSI; where it is built in but off, boot with psi=1';
/** How far a total may run ahead of the clock, in absolute terms and as a share: it is updated in steps. */
const TOLERANCE_NS = 20_000_000;
const TOLERANCE_SHARE = 0.1;

type Resource = 'cpu' | 'memory' | 'io';

const FILE_OPTIONS = { inOnePiece: true, capacityBytes: 512 };

/** The stall totals of one resource, from one reading to the next. */
class StallFile {
  readonly #file: KernelFile;
  readonly #now: () => number;
  /** Whether `full` means something: for `cpu` the kernel prints a zero for "undefined". */
  readonly #hasFull: boolean;
  readonly #totals = new Float64Array(ROWS);
  readonly #previous = new Float64Array(ROWS);
  #previousNs: number | undefined;
  /** Why the latest growth is not told, when it is not: more than can have happened is no share. */
  doubt: string | undefined;
  /** Between the latest two readings; undefined after the first. */
  elapsedNs: number | undefined;
  readonly data: StallData = {
    some_percent: undefined,
    full_percent: undefined,
    some_total_us: null,
    full_total_us: null,
  };

  constructor(path: string, now: () => number, hasFull: boolean) {
    this.#file = new KernelFile(path, FILE_OPTIONS);
    this.#now = now;
    this.#hasFull = hasFull;
  }

  read(): void {
    const previousNs = this.#previousNs;
    // Forgotten until this reading has succeeded: after a failure the next rate needs two readings again.
    this.#previousNs = undefined;
    const nowNs = this.#now();
    const length = this.#file.read();
    parsePressure(this.#file.path, this.#file.bytes, length, this.#totals);
    if (!this.#hasFull) this.#totals[FULL] = Number.NaN;
    this.elapsedNs = previousNs === undefined ? undefined : nowNs - previousNs;
    this.doubt = undefined;
    const { data } = this;
    data.some_percent = this.#percent(SOME);
    data.full_percent = this.#percent(FULL);
    data.some_total_us = orNull(this.#totals[SOME]!);
    data.full_total_us = orNull(this.#totals[FULL]!);
    this.#previous.set(this.#totals);
    this.#previousNs = nowNs;
  }

  forget(): void {
    this.#previousNs = undefined;
  }

  close(): void {
    this.#file.close();
  }

  /** Undefined when nobody knows what was counted since the reading before, null where there is no such row. */
  #percent(row: number): number | null | undefined {
    const total = this.#totals[row]!;
    if (Number.isNaN(total)) return null;
    const { elapsedNs } = this;
    const delta = counterDelta(this.#previous[row]!, total);
    if (elapsedNs === undefined || !(elapsedNs > 0) || delta === undefined) return undefined;
    const stalledNs = delta * NS_PER_US;
    if (stalledNs > elapsedNs * (1 + TOLERANCE_SHARE) + TOLERANCE_NS) {
      this.doubt = `a total grew by ${Math.round(stalledNs / 1e6)}ms within ${Math.round(elapsedNs / 1e6)}ms, which cannot have happened; that is left out`;
      return undefined;
    }
    return percentOf(stalledNs, elapsedNs);
  }
}

/**
 * How much time tasks lost waiting for CPU, memory, I/O and (where the kernel accounts it) interrupts, from the
 * microsecond totals of /proc/pressure (kernel/sched/psi.c), which are exact at every read; each share is over the
 * time between that file's own two reads.
 */
export class PressureCollector extends BaseCollector<PressureData> {
  readonly name = 'pressure';
  readonly #files: readonly (readonly [Resource, StallFile])[];
  /** Not every kernel has it, and some let it be opened only to refuse the read: tried once. */
  #irq: StallFile | undefined;
  readonly #data: PressureData;

  constructor({ rootfs }: CollectorOptions, now: () => number = monotonicNs) {
    super();
    const file = (resource: string, hasFull = true): StallFile =>
      new StallFile(`${rootfs}/proc/pressure/${resource}`, now, hasFull);
    const [cpu, memory, io] = [file('cpu', false), file('memory'), file('io')];
    this.#files = [
      ['cpu', cpu],
      ['memory', memory],
      ['io', io],
    ];
    this.#irq = file('irq');
    this.#data = { cpu: cpu.data, memory: memory.data, io: io.data };
  }

  collect(): PressureData {
    let failure: unknown;
    let first: StallFile | undefined;
    for (const [resource, file] of this.#files) {
      try {
        file.read();
        first ??= file;
        this.#data[resource] = file.data;
        this.#name(resource, file.doubt);
      } catch (error) {
        failure ??= error;
        delete this.#data[resource];
        this.#name(resource, errorMessage(withRemedy(error)));
      }
    }
    // One costs itself only; without any there is nothing to tell.
    if (first === undefined) throw withRemedy(failure);
    this.#readIrq();
    this.elapsedNs = first.elapsedNs;
    return this.#data;
  }

  /** Says what is wrong with a resource, or that nothing is any more. */
  #name(resource: Resource, message: string | undefined): void {
    if (this.sources?.[resource]?.message === message) return;
    const { [resource]: _, ...others } = this.sources ?? {};
    const named =
      message === undefined
        ? others
        : { ...others, [resource]: { source: `/proc/pressure/${resource}`, message } };
    this.sources = Object.keys(named).length === 0 ? undefined : named;
  }

  override reset(): void {
    for (const [, file] of this.#files) file.forget();
    this.#irq?.forget();
  }

  override close(): void {
    for (const [, file] of this.#files) file.close();
    this.#irq?.close();
  }

  #readIrq(): void {
    if (this.#irq === undefined) return;
    try {
      this.#irq.read();
      this.#data.irq = this.#irq.data;
    } catch {
      this.#irq.close();
      this.#irq = undefined;
      delete this.#data.irq;
    }
  }
}

function orNull(total: number): number | null {
  return Number.isNaN(total) ? null : total;
}

/** A kernel without PSI has no files, or files it refuses to read: the reader should learn what to do about it. */
function withRemedy(error: unknown): unknown {
  if (errorCode(error, 'COLLECTOR_FAILED') !== 'SOURCE_MISSING') return error;
  return new HzstatError('SOURCE_MISSING', `${errorMessage(error)}: ${REMEDY}`, { cause: error });
}

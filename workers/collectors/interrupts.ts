import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_SECOND } from '../../src/base/units.ts';
import type { CollectorOptions } from '../../src/handover/messages.ts';
import type { InterruptsData, SoftirqData } from '../../src/model/snapshot.ts';
import { BaseCollector } from '../base/base_collector.ts';
import { CounterGroup, type CounterLayout } from '../counters/counter_group.ts';
import { KernelFile } from '../files/kernel_file.ts';
import { readText } from '../files/slow_file.ts';
import { MOST_KINDS, parseStatActivity, StatActivity } from '../parse/stat_activity.ts';

/** The kinds of soft interrupts in the kernel's order (include/linux/interrupt.h), ten since 2.6.32. */
const KINDS = [
  'hi',
  'timer',
  'net_tx',
  'net_rx',
  'block',
  'irq_poll',
  'tasklet',
  'sched',
  'hrtimer',
  'rcu',
] as const;

/** Places of the counters in a reading; the kinds of soft interrupts come last. */
const SWITCHES = 0;
const INTERRUPTS = 1;
const FORKS = 2;
const FIRST_KIND = 3;

const COLUMNS = FIRST_KIND + MOST_KINDS;
const LAYOUT: CounterLayout = { columns: Array.from({ length: COLUMNS }, (_, i) => i), rated: COLUMNS };

/**
 * Context switches, interrupts, soft interrupts and forks since boot with their rates, and how many tasks run or
 * wait for a disk at the moment, from /proc/stat (fs/proc/stat.c). The kernel keeps the soft interrupts of a kind
 * in 32 bits, which wrap, so their rate is made of the kinds and not of the total.
 */
export class InterruptsCollector extends BaseCollector<InterruptsData> {
  readonly name = 'interrupts';
  readonly #rootfs: string;
  readonly #now: () => number;
  readonly #file: KernelFile;
  readonly #stat = new StatActivity();
  readonly #reading = new Float64Array(COLUMNS);
  readonly #counters = new CounterGroup(LAYOUT);
  #kinds: readonly SoftirqData[] = [];
  #previousNs: number | undefined;
  readonly #data: InterruptsData = {
    context_switches: Number.NaN,
    interrupts: Number.NaN,
    soft_interrupts: null,
    forks: Number.NaN,
    context_switches_per_sec: undefined,
    interrupts_per_sec: undefined,
    soft_interrupts_per_sec: undefined,
    forks_per_sec: undefined,
    tasks_running: null,
    tasks_blocked: null,
    softirqs: {},
  };

  constructor({ rootfs }: CollectorOptions, now: () => number = monotonicNs) {
    super();
    this.#rootfs = rootfs;
    this.#now = now;
    this.#file = new KernelFile(`${rootfs}/proc/stat`, { inOnePiece: true });
  }

  collect(): InterruptsData {
    const previousNs = this.#previousNs;
    this.#previousNs = undefined;
    const nowNs = this.#now();
    const stat = this.#stat;
    parseStatActivity(this.#file.path, this.#fileBytes(), this.#file.length, stat);
    if (stat.kindCount !== this.#kinds.length) this.#arrange(stat.kindCount);
    this.#advance();
    const elapsedNs = previousNs === undefined ? 0 : nowNs - previousNs;
    this.#previousNs = nowNs;
    this.elapsedNs = elapsedNs > 0 ? elapsedNs : undefined;
    const data = this.#data;
    data.context_switches = stat.contextSwitches;
    data.interrupts = stat.interrupts;
    data.soft_interrupts = orNull(stat.softInterrupts);
    data.forks = stat.forks;
    data.tasks_running = orNull(stat.running);
    data.tasks_blocked = orNull(stat.blocked);
    this.#publishRates(this.#counters.known && elapsedNs > 0 ? NS_PER_SECOND / elapsedNs : undefined);
    return data;
  }

  override reset(): void {
    this.#previousNs = undefined;
  }

  override close(): void {
    this.#file.close();
  }

  #fileBytes(): Buffer {
    this.#file.read();
    return this.#file.bytes;
  }

  #advance(): void {
    const reading = this.#reading;
    reading[SWITCHES] = this.#stat.contextSwitches;
    reading[INTERRUPTS] = this.#stat.interrupts;
    reading[FORKS] = this.#stat.forks;
    for (let i = 0; i < this.#kinds.length; i++) reading[FIRST_KIND + i] = this.#stat.kinds[i]!;
    this.#counters.advance(reading);
  }

  /** Rates per nanosecond times `scale`; none when that is undefined. */
  #publishRates(scale: number | undefined): void {
    const { deltas } = this.#counters;
    const rate = (column: number): number | undefined =>
      scale === undefined ? undefined : deltas[column]! * scale;
    const data = this.#data;
    data.context_switches_per_sec = rate(SWITCHES);
    data.interrupts_per_sec = rate(INTERRUPTS);
    data.forks_per_sec = rate(FORKS);
    let handled = 0;
    for (let i = 0; i < this.#kinds.length; i++) {
      const kind = this.#kinds[i]!;
      kind.handled = this.#stat.kinds[i]!;
      kind.handled_per_sec = rate(FIRST_KIND + i);
      handled += deltas[FIRST_KIND + i]!;
    }
    const told = data.soft_interrupts !== null && this.#kinds.length > 0;
    data.soft_interrupts_per_sec = !told || scale === undefined ? undefined : handled * scale;
  }

  /** Names the columns of `softirq`, at first sight and should their number ever change. */
  #arrange(count: number): void {
    this.#kinds = Array.from({ length: count }, () => ({
      handled: Number.NaN,
      handled_per_sec: undefined,
    }));
    const names = count === KINDS.length ? KINDS : this.#namesFromTable();
    // Kinds nobody can name are in the total only.
    const named = names.length === count ? this.#kinds.map((kind, i) => [names[i]!, kind] as const) : [];
    this.#data.softirqs = Object.fromEntries(named);
    this.#counters.forget();
  }

  /** The names of a kernel with other kinds than ours, from the table that has them and costs much more to read. */
  #namesFromTable(): string[] {
    const table = readText(`${this.#rootfs}/proc/softirqs`) ?? '';
    return [...table.matchAll(/^\s*([A-Z_]+):/gm)].map(([, name = '']) => name.toLowerCase());
  }
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { errorMessage, systemErrorCode } from '../base/errors.ts';
import { formatDurationMs, NS_PER_MS } from '../base/units.ts';
import type { CollectorOptions, FromCollector, Schedule, ToCollector } from '../handover/messages.ts';
import type { Sources } from '../model/snapshot.ts';
import type { WatchLinks } from '../watching/crossing.ts';
import type { CollectorPool } from './collector_pool.ts';
import { ResultInlet } from './result_inlet.ts';
import type { Outage, ResultSink, SampledCollector } from './sampled_collector.ts';
import { StuckWatch } from './stuck_watch.ts';

const FIRST_RESTART_MS = 250;
const LONGEST_RESTART_MS = 30_000;
/** A thread that lived this long has earned a quick restart again. */
const HEALTHY_LIFE_MS = 60_000;
/** A thread that has not ended by itself by then hangs in a read and is terminated. */
const STOP_PATIENCE_MS = 500;
/** A collector that got stuck this often is left alone until it is switched on anew. */
const MOST_TIMES_STUCK = 3;

interface Life {
  readonly port: MessagePort;
  /** The thread's end; empty once it has been handed over. */
  readonly threadPort: MessagePort;
  readonly inlet: ResultInlet;
  readonly control: Int32Array;
  readonly abort: AbortController;
  readonly startedMs: number;
  /** Settles when the thread is gone, whatever ended it. */
  readonly ended: Promise<void>;
  /** Settles when an aborted thread is really gone, which one that hangs in the kernel never is. */
  aborted?: Promise<void>;
}

/** Main's side of one collector's thread: keeps it alive, passes on what it says. */
export class CollectorThread implements SampledCollector {
  readonly name: string;
  enabled = true;
  outage: Outage | undefined;
  missedTicks: number | undefined;
  sources: Sources | undefined;
  readonly #pool: CollectorPool;
  readonly #options: CollectorOptions;
  /** Where the user's own collector is loaded from; undefined for ours. */
  readonly #module: string | undefined;
  readonly #watch: StuckWatch | undefined;
  readonly #links: WatchLinks | undefined;
  #timesStuck = 0;
  /** Settles when the thread that got stuck last is gone. */
  #dying: Promise<void> | undefined;
  #schedule: Schedule | undefined;
  #sink: ResultSink | undefined;
  #life: Life | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;

  /**
   * @param module where a collector of the user's is loaded from
   * @param links where whoever keeps incidents is told of crossings
   */
  constructor(
    name: string,
    pool: CollectorPool,
    options: CollectorOptions,
    module?: string,
    links?: WatchLinks,
  ) {
    this.name = name;
    this.#pool = pool;
    this.#options = options;
    this.#module = module;
    this.#links = links;
    if (module === undefined) return;
    this.#watch = new StuckWatch({
      late: (silentMs) => this.#reportStuck(`has not answered for ${formatDurationMs(silentMs)}`),
      stuck: (silentMs) => this.#endStuck(silentMs),
    });
  }

  start(schedule: Schedule, sink: ResultSink): void {
    this.#schedule = schedule;
    this.#sink = sink;
    this.#begin(schedule);
  }

  reschedule(schedule: Schedule): void {
    this.#schedule = schedule;
    this.#listen();
    this.#tell({ type: 'schedule', schedule });
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.#tell({ type: 'enable', enabled });
    this.#listen();
    if (enabled) this.#reprieve();
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    clearTimeout(this.#restart);
    this.#watch?.end();
    await Promise.all([this.#dying, this.#stopLife()]);
  }

  deliver(): void {
    const taken = this.#life?.inlet.take() ?? [];
    if (taken.length > 0) this.#watch?.heard();
    for (const [epoch, result] of taken) {
      this.outage = undefined;
      this.missedTicks = result.missedTicks;
      this.#sink?.results(this.name, epoch, [result]);
    }
  }

  #begin(schedule: Schedule): void {
    const arrivals = this.#sink?.arrivals;
    if (arrivals === undefined) return;
    const { port1, port2 } = new MessageChannel();
    const control = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const abort = new AbortController();
    const inlet = new ResultInlet();
    port1.on('message', (message: FromCollector) => {
      if (message.type === 'sources') this.sources = message.sources;
      inlet.hear(message);
      this.#sink?.delivered();
    });
    const ended = this.#pool
      .run(
        {
          name: this.name,
          ...(this.#module !== undefined && { module: this.#module }),
          port: port2,
          control,
          arrivals,
          schedule,
          enabled: this.enabled,
          options: this.#options,
        },
        abort.signal,
      )
      .then(
        () => this.#end('it ended by itself', false),
        (error: unknown) =>
          this.#end(errorMessage(error), systemErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY'),
      );
    this.#life = {
      port: port1,
      threadPort: port2,
      inlet,
      control: new Int32Array(control),
      abort,
      startedMs: performance.now(),
      ended,
    };
    this.rewatch();
    this.#listen();
  }

  rewatch(): void {
    const link = this.#links?.open(this.name);
    if (link !== undefined) this.#tell({ type: 'watch', link }, [link.port]);
  }

  /** Begins to listen for answers, if any are to be expected. */
  #listen(): void {
    this.#watch?.end();
    if (!this.enabled || this.#life === undefined || this.#schedule === undefined) return;
    this.#watch?.begin(this.#schedule.intervalNs / NS_PER_MS);
  }

  /** Gives a collector that was given up another chance. */
  #reprieve(): void {
    const givenUp = this.#timesStuck === MOST_TIMES_STUCK;
    this.#timesStuck = 0;
    if (givenUp) void this.#dying?.then(() => this.#beginLater());
  }

  async #stopLife(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    this.#tell({ type: 'stop' });
    const impatience = setTimeout(() => this.#abort(life), STOP_PATIENCE_MS);
    await life.ended;
    clearTimeout(impatience);
  }

  /** Ends a thread that does not listen. Its port closes when it is gone, and no earlier. */
  #abort(life: Life): Promise<void> {
    const gone = new Promise<void>((resolve) => life.port.once('close', resolve));
    life.aborted = gone;
    life.abort.abort();
    // Without a thread yet, nobody else would ever close it.
    life.threadPort.close();
    return gone;
  }

  /** A stuck collector is not waited for, and is reported as failed. */
  #reportStuck(what: string): void {
    if (this.#sink === undefined || this.#life === undefined) return;
    this.outage = { code: 'COLLECTOR_STUCK', message: `${this.name} ${what}` };
    this.#sink.outage(this.name);
  }

  /** Ends its thread and, while there is hope, begins another once the thread is really gone. */
  #endStuck(silentMs: number): void {
    this.#watch?.end();
    const life = this.#life;
    if (life === undefined) return;
    this.#timesStuck++;
    const hopeless = this.#timesStuck === MOST_TIMES_STUCK;
    const fate = hopeless
      ? `it got stuck ${MOST_TIMES_STUCK} times and is left alone until it is switched off and on`
      : 'its thread is ended, and another one started when it is gone';
    this.#reportStuck(`did not answer for ${formatDurationMs(silentMs)}: ${fate}`);
    this.#dying = this.#abort(life).then(() => {
      if (this.#sink !== undefined && !hopeless) this.#beginLater();
    });
  }

  #tell(message: ToCollector, transfer: readonly MessagePort[] = []): void {
    if (this.#life === undefined) return;
    this.#life.port.postMessage(message, [...transfer]);
    Atomics.add(this.#life.control, 0, 1);
    Atomics.notify(this.#life.control, 0);
  }

  async #end(reason: string, outOfMemory: boolean): Promise<void> {
    const life = this.#life;
    this.#life = undefined;
    this.#watch?.end();
    if (life?.aborted !== undefined) return life.aborted;
    life?.port.close();
    if (this.#sink === undefined) return;
    if (life !== undefined && performance.now() - life.startedMs > HEALTHY_LIFE_MS) {
      this.#restartMs = FIRST_RESTART_MS;
    }
    const delayMs = this.#beginLater();
    this.outage = {
      code: outOfMemory ? 'THREAD_OUT_OF_MEMORY' : 'THREAD_DIED',
      message: `the thread of ${this.name} died (${reason}); it is started again after ${formatDurationMs(delayMs)}`,
    };
    this.#sink.outage(this.name);
  }

  /** Begins another life after a pause that doubles each time; returns how long that is. */
  #beginLater(): number {
    const delayMs = this.#restartMs;
    this.#restartMs = Math.min(delayMs * 2, LONGEST_RESTART_MS);
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      if (this.#schedule !== undefined) this.#begin(this.#schedule);
    }, delayMs);
    return delayMs;
  }
}

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { CollectorName } from '../shared/collector_names.ts';
import { errorMessage, systemErrorCode } from '../shared/errors.ts';
import type { CollectorOptions, FromCollector, Schedule, ToCollector } from '../shared/messages.ts';
import { formatDurationMs } from '../shared/units.ts';
import type { CollectorPool } from './collector_pool.ts';
import { ResultInlet } from './result_inlet.ts';
import type { Outage, ResultSink, SampledCollector } from './sampled_collector.ts';

const FIRST_RESTART_MS = 250;
const LONGEST_RESTART_MS = 30_000;
/** A thread that lived this long has earned a quick restart again. */
const HEALTHY_LIFE_MS = 60_000;
/** A thread that has not ended by itself by then hangs in a read and is terminated. */
const STOP_PATIENCE_MS = 500;

interface Life {
  readonly port: MessagePort;
  readonly inlet: ResultInlet;
  readonly control: Int32Array;
  readonly abort: AbortController;
  readonly startedMs: number;
  /** Settles when the thread is gone, whatever ended it. */
  readonly ended: Promise<void>;
}

/** Main's side of one collector's thread: keeps it alive, passes on what it says. */
export class CollectorThread implements SampledCollector {
  readonly name: CollectorName;
  enabled: boolean;
  outage: Outage | undefined;
  missedTicks: number | undefined;
  readonly #pool: CollectorPool;
  readonly #options: CollectorOptions;
  #schedule: Schedule | undefined;
  #sink: ResultSink | undefined;
  #life: Life | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;

  constructor(name: CollectorName, pool: CollectorPool, options: CollectorOptions, enabled = true) {
    this.name = name;
    this.enabled = enabled;
    this.#pool = pool;
    this.#options = options;
  }

  start(schedule: Schedule, sink: ResultSink): void {
    this.#schedule = schedule;
    this.#sink = sink;
    this.#begin(schedule);
  }

  reschedule(schedule: Schedule): void {
    this.#schedule = schedule;
    this.#tell({ type: 'schedule', schedule });
  }

  setEnabled(enabled: boolean): void {
    this.enabled = enabled;
    this.#tell({ type: 'enable', enabled });
  }

  async stop(): Promise<void> {
    this.#sink = undefined;
    clearTimeout(this.#restart);
    const life = this.#life;
    if (life === undefined) return;
    this.#tell({ type: 'stop' });
    const impatience = setTimeout(() => life.abort.abort(), STOP_PATIENCE_MS);
    await life.ended;
    clearTimeout(impatience);
  }

  deliver(): void {
    const taken = this.#life?.inlet.take() ?? [];
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
      inlet.hear(message);
      this.#sink?.delivered();
    });
    const ended = this.#pool
      .run(
        {
          name: this.name,
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
      inlet,
      control: new Int32Array(control),
      abort,
      startedMs: performance.now(),
      ended,
    };
  }

  #tell(message: ToCollector): void {
    if (this.#life === undefined) return;
    this.#life.port.postMessage(message);
    Atomics.add(this.#life.control, 0, 1);
    Atomics.notify(this.#life.control, 0);
  }

  #end(reason: string, outOfMemory: boolean): void {
    const life = this.#life;
    this.#life = undefined;
    life?.port.close();
    if (this.#sink === undefined) return;
    if (life !== undefined && performance.now() - life.startedMs > HEALTHY_LIFE_MS) {
      this.#restartMs = FIRST_RESTART_MS;
    }
    const delayMs = this.#restartMs;
    this.#restartMs = Math.min(delayMs * 2, LONGEST_RESTART_MS);
    this.outage = {
      code: outOfMemory ? 'THREAD_OUT_OF_MEMORY' : 'THREAD_DIED',
      message: `the thread of ${this.name} died (${reason}); it is started again after ${formatDurationMs(delayMs)}`,
    };
    this.#sink.outage(this.name);
    this.#restart = setTimeout(() => {
      if (this.#schedule !== undefined) this.#begin(this.#schedule);
    }, delayMs);
  }
}

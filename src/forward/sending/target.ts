import { errorMessage } from '../../base/errors.ts';
import { US_PER_MS } from '../../base/units.ts';
import { SampleBatch } from '../encoding/sample_batch.ts';
import { SeriesRegistry } from '../encoding/series_registry.ts';
import { snappyBlock } from '../encoding/snappy.ts';
import { isSampleTime, WriteRequestEncoder } from '../encoding/write_request.ts';
import { ChosenFields } from '../folding/chosen_fields.ts';
import { IntervalFold } from '../folding/interval_fold.ts';
import type { Position, SnapshotSource } from '../reading/snapshot_source.ts';
import type { Progress } from './cursor.ts';
import { type Outcome, Receiver } from './receiver.ts';
import { RetryDelay } from './retry_delay.ts';
import type { RemoteWriteSettings } from './settings.ts';

/** So much of time is sent together, and so often what is new is looked for. */
const BATCH_MS = 5_000;
const MOST_SAMPLES = 200_000;
/** A receiver that is killed has lost what it had acknowledged in about so much time before. */
const AGAIN_US = 10_000_000;
/** What was missed is caught up with in this share of one core, and live data waits behind it for no longer. */
const CATCH_UP_SHARE = 0.05;
/** Before V8 has made fast what is slow at first, that share would be a long time. */
const LONGEST_REST_MS = 1_000;
const SHORT_WAIT_MS = 50;

/** How a receiver fares. */
export interface TargetStatus {
  readonly url: string;
  readonly state: 'sending' | 'catching_up' | 'retrying';
  /** Why it is not sent to, or what it refused last. */
  readonly message?: string;
  readonly sentSamples: number;
  /** Samples that the receiver does not want. */
  readonly droppedSamples: number;
  /** Snapshots that were gone before they could be sent. */
  readonly skippedSnapshots: number;
  /** Requests that were made again. */
  readonly retries: number;
  /** Unix milliseconds up to which everything was sent; of the beginning, where nothing was yet. */
  readonly sentUntilMs: number;
}

/** Where an interval begins. */
interface Mark {
  readonly position: Position;
  readonly unixUs: number;
}

export interface TargetEvents {
  /** Says something to the user. */
  say(message: string): void;
  /** Keeps on disk how far the receiver has got. */
  keep(progress: Progress): void;
  changed(): void;
}

/**
 * Sends what a source has to one receiver: in order, a batch at a time, and what is not known to have arrived again.
 * What is sent again is the same as before, value and time, so that it counts once.
 */
export class Target {
  readonly url: string;
  progress: Progress;
  readonly #source: SnapshotSource;
  readonly #receiver: Receiver;
  readonly #events: TargetEvents;
  readonly #series: SeriesRegistry;
  #fold: IntervalFold;
  readonly #newFold: () => IntervalFold;
  readonly #batch = new SampleBatch();
  readonly #encoder = new WriteRequestEncoder();
  readonly #delay = new RetryDelay();
  #marks: Mark[] = [];
  /** A snapshot was read that belongs to the next batch. */
  #isAhead = false;
  /** When the batch under way was read to. */
  #readUntilUs: number;
  #sentUntilUs: number;
  #sentSamples = 0;
  #droppedSamples = 0;
  #retries = 0;
  #state: TargetStatus['state'] = 'sending';
  #message: string | undefined;
  #refusedMessage: string | undefined;
  /** Until when what is owed is sent, once the end has been asked for. */
  #endsAtMs = Number.POSITIVE_INFINITY;
  #isComplete = false;
  #wake: () => void = () => {};

  constructor(
    url: string,
    settings: RemoteWriteSettings,
    source: SnapshotSource,
    progress: Progress,
    events: TargetEvents,
  ) {
    this.url = url;
    this.progress = progress;
    this.#source = source;
    this.#receiver = new Receiver(url, settings);
    this.#events = events;
    this.#series = new SeriesRegistry(settings.labels);
    const chosen = new ChosenFields(settings.full);
    this.#newFold = () => new IntervalFold(settings.intervalMs, this.#series, chosen);
    this.#fold = this.#newFold();
    this.#sentUntilUs = 'sinceUs' in progress ? progress.sinceUs : progress.unixUs;
    this.#readUntilUs = this.#sentUntilUs;
    if (!('sinceUs' in progress)) source.seek(progress);
  }

  get status(): TargetStatus {
    return {
      url: this.url,
      state: this.#state,
      ...(this.#message !== undefined && { message: this.#message }),
      sentSamples: this.#sentSamples,
      droppedSamples: this.#droppedSamples,
      skippedSnapshots: this.#source.skipped,
      retries: this.#retries,
      sentUntilMs: Math.floor(this.#sentUntilUs / US_PER_MS),
    };
  }

  /** Sends until the end is asked for. */
  async run(): Promise<void> {
    while (!this.#isOver()) {
      try {
        if (await this.#turn()) break;
      } catch (error) {
        // A journal that cannot be read for the moment; what was read of it is read again.
        this.#batch.clear();
        this.#rewind();
        await this.#waitFor({
          kind: 'away',
          message: `what is to be sent cannot be read (${errorMessage(error)})`,
        });
      }
    }
    this.#receiver.close();
  }

  /** Sends a batch, or waits for one; whether all was sent that will ever come. */
  async #turn(): Promise<boolean> {
    const beganMs = performance.now();
    const isMore = this.#fill();
    const isEmpty = this.#batch.count === 0;
    const body = isEmpty ? undefined : snappyBlock(this.#encoder.encode(this.#batch, this.#series.encoded));
    const workMs = performance.now() - beganMs;
    if (body !== undefined) {
      await this.#deliver(body);
      this.#batch.clear();
      // What was read for the batch that failed is read again.
      if (this.#state === 'retrying') return false;
    }
    if (isMore) {
      await this.#pause(Math.min(workMs / CATCH_UP_SHARE - workMs, LONGEST_REST_MS));
      return false;
    }
    if (!this.#isEnding()) await this.#pause(BATCH_MS - (performance.now() - beganMs));
    else if (this.#isComplete && isEmpty) return true;
    else await this.#pause(SHORT_WAIT_MS);
    return false;
  }

  /** What is owed is sent for so long; a receiver that is away is not waited for. */
  end(withinMs: number): void {
    this.#endsAtMs = performance.now() + withinMs;
    setTimeout(() => this.#receiver.close(), withinMs).unref();
    this.#wake();
  }

  /** Nothing more will come. */
  complete(): void {
    this.#isComplete = true;
    this.#wake();
  }

  #isEnding(): boolean {
    return Number.isFinite(this.#endsAtMs);
  }

  #isOver(): boolean {
    return this.#isEnding() && (performance.now() >= this.#endsAtMs || this.#state === 'retrying');
  }

  /** Makes a batch of what the source has; whether there is more. */
  #fill(): boolean {
    const source = this.#source;
    let firstUs = Number.NaN;
    for (;;) {
      if (!this.#isAhead && !source.next()) return false;
      this.#isAhead = false;
      const { unixUs } = source;
      if (!isSampleTime(unixUs / US_PER_MS)) continue;
      if (Number.isNaN(firstUs)) firstUs = unixUs;
      // Also where the clock was set back.
      if (Math.abs(unixUs - firstUs) >= BATCH_MS * US_PER_MS || this.#batch.count > MOST_SAMPLES) {
        this.#isAhead = true;
        return true;
      }
      if (this.#fold.add(source, this.#batch)) this.#marks.push({ position: source.position, unixUs });
      this.#readUntilUs = unixUs;
    }
  }

  async #deliver(body: Uint8Array): Promise<void> {
    for (;;) {
      const outcome = await this.#receiver.send(body);
      switch (outcome.kind) {
        case 'accepted':
          this.#sentSamples += this.#batch.count;
          this.#advance();
          return;
        case 'refused':
          this.#droppedSamples += this.#batch.count;
          if (this.#refusedMessage !== outcome.message)
            this.#events.say(`${outcome.message}; what it refuses is dropped`);
          this.#refusedMessage = outcome.message;
          this.#advance();
          this.#message = outcome.message;
          this.#events.changed();
          return;
        case 'busy':
          await this.#waitFor(outcome);
          if (this.#isOver()) return;
          break;
        case 'away':
          this.#rewind();
          await this.#waitFor(outcome);
          return;
      }
    }
  }

  /** The batch is done with: what comes next is sent from here on. */
  #advance(): void {
    if (this.#state === 'retrying') this.#events.say('it takes what is sent again');
    this.#delay.reset();
    this.#message = undefined;
    this.#sentUntilUs = this.#readUntilUs;
    const lagUs = Date.now() * US_PER_MS - this.#sentUntilUs;
    this.#state = lagUs > 3 * BATCH_MS * US_PER_MS ? 'catching_up' : 'sending';
    const again = this.#marks.findLastIndex(({ unixUs }) => unixUs <= this.#sentUntilUs - AGAIN_US);
    const mark = this.#marks[again];
    if (mark !== undefined) {
      this.#marks.splice(0, again);
      this.progress = progressAt(mark);
      this.#events.keep(this.progress);
    }
    if (this.#series.isCrowded) this.#forgetSeries();
    this.#events.changed();
  }

  /** Numbers series anew: what comes and goes under names of its own would fill memory. */
  #forgetSeries(): void {
    const mark = this.#marks.at(-1);
    if (mark === undefined) return;
    this.#series.clear();
    this.#fold = this.#newFold();
    // Of the interval under way nothing is known any more.
    this.#source.seek(mark.position);
    this.#marks.pop();
    this.#isAhead = false;
  }

  /** The next batch begins where it is certain that what came before has arrived and lasts. */
  #rewind(): void {
    const [first] = this.#marks;
    if ('sinceUs' in this.progress && first !== undefined) this.progress = progressAt(first);
    if (!('sinceUs' in this.progress)) this.#source.seek(this.progress);
    this.#fold.restart();
    this.#marks = [];
    this.#isAhead = false;
  }

  async #waitFor(outcome: Extract<Outcome, { kind: 'busy' | 'away' }>): Promise<void> {
    if (this.#state !== 'retrying') this.#events.say(`${outcome.message}; it is tried again`);
    this.#state = 'retrying';
    this.#message = outcome.message;
    this.#retries++;
    this.#events.changed();
    await this.#pause(this.#delay.next(outcome.afterMs));
  }

  /** Waits, but for nothing once the end has been asked for. */
  async #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#isOver()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function progressAt({ position, unixUs }: Mark): Progress {
  return { ...position, unixUs };
}

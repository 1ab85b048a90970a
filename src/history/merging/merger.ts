import { errorMessage } from '../../base/errors.ts';
import { Inspector } from '../segments/inspection.ts';
import type { Segment } from '../segments/manifest.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { areHeld } from './hand_over_plan.ts';
import { HandingOver, type OutboxSurroundings } from './handing_over.ts';
import {
  cutDaysToMerge,
  daysToMerge,
  hoursToCut,
  hoursToMerge,
  type MergePlan,
  type ToCut,
} from './merge_plan.ts';
import { mergeInProcess } from './merging_process.ts';

/** What the merger looks at and tells. */
interface Surroundings extends OutboxSurroundings {
  toCut(): ToCut;
  /** Some segments were merged to others, which now have to take their place. */
  merged(inputs: readonly Segment[], outputs: readonly Segment[]): Promise<void>;
  /** These could not be read, and would stand in the way the next time, too. */
  damaged(files: readonly string[]): Promise<void>;
  /** Everything there was to do is done. */
  wentWell(): void;
  /** The files of `inputs` are as they were. */
  failed(message: string, inputs?: readonly Segment[]): void;
}

/**
 * Merges what belongs to an hour or a day that is over, and puts what somebody else is to have into the outbox, beside
 * everything else.
 */
export class Merger {
  readonly #settings: HistorySettings;
  readonly #run: string;
  readonly #around: Surroundings;
  readonly #inspector: Inspector;
  readonly #handingOver: HandingOver;
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;
  /** When it was asked for while it was at it. */
  #nextMs: number | undefined;
  #made = 0;

  /** @param run distinguishes the new files from those of other processes */
  constructor(settings: HistorySettings, run: string, around: Surroundings) {
    this.#settings = settings;
    this.#run = run;
    this.#around = around;
    this.#inspector = new Inspector(settings.dataDir);
    this.#handingOver = new HandingOver(
      settings,
      around,
      (inputs, message) => this.#explain(inputs, message),
      this.#closing.signal,
    );
  }

  /** Sees to what is over by now; when it is at it already, once more afterwards. */
  begin(nowMs: number): void {
    if (this.#working !== undefined) {
      this.#nextMs = nowMs;
      return;
    }
    this.#working = this.#merge(nowMs)
      .then((isDone) => {
        if (isDone) this.#around.wentWell();
      })
      .catch((error: unknown) => this.#around.failed(errorMessage(error)))
      .finally(() => {
        this.#working = undefined;
        const nextMs = this.#nextMs;
        this.#nextMs = undefined;
        if (nextMs !== undefined && !this.#closing.signal.aborted) this.begin(nextMs);
      });
  }

  /** Gives up what is under way, to be made another time. */
  stop(): void {
    this.#closing.abort();
  }

  /** When nothing is under way any more. */
  async stopped(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  async #merge(nowMs: number): Promise<boolean> {
    // What is shorter than an hour goes before its hour is merged, and all else as it is merged.
    const isGiven = await this.#handingOver.run(nowMs);
    const isMerged = await this.#mergeSpans(nowMs);
    return (await this.#handingOver.run(nowMs)) && isGiven && isMerged;
  }

  async #mergeSpans(nowMs: number): Promise<boolean> {
    let isDone = true;
    const { segments, toCut } = this.#around;
    const settings = this.#settings;
    const cuts = (): MergePlan[] => hoursToCut(segments(), toCut(), settings);
    const hours = (): MergePlan[] => {
      const { files } = toCut();
      // A late minute of a forgotten hour must not replace that hour's rollups, nor while it waits to be cut.
      const lasting = segments().filter(({ file }) => !files.has(file));
      return hoursToMerge(lasting, nowMs, settings).filter(({ inputs }) => !areHeld(inputs, settings));
    };
    const days = (): MergePlan[] => daysToMerge(segments(), nowMs, settings);
    const cutDays = (): MergePlan[] => cutDaysToMerge(segments(), nowMs, settings);
    // What was merged only now may be too old already.
    for (const plans of [cuts, hours, days, cuts, cutDays]) {
      for (const plan of plans()) {
        if (this.#closing.signal.aborted) return false;
        if (plan.hour !== undefined && this.#isAwaited(plan.hour)) continue;
        isDone = (await this.#carryOut(plan, nowMs)) && isDone;
      }
    }
    return isDone;
  }

  /** Whether some of an hour is still to be sealed: merged without it, the hour would have to be merged twice. */
  #isAwaited({ fromMs, toMs }: NonNullable<MergePlan['hour']>): boolean {
    const starts = this.#around.unsealed().map((name) => Number.parseInt(name, 10));
    return starts.some((startMs) => startMs >= fromMs && startMs < toMs);
  }

  async #carryOut({ stem, inputs, hour, windows }: MergePlan, nowMs: number): Promise<boolean> {
    const { signal } = this.#closing;
    const answer = await mergeInProcess(
      {
        dataDir: this.#settings.dataDir,
        stem: `${stem}-${this.#run}-${nowMs}-${this.#made++}`,
        inputs,
        ...(hour && { hour }),
        ...(windows && { windows }),
      },
      signal,
    );
    if (answer.ok) {
      await this.#around.merged(inputs, answer.segments);
      return true;
    }
    await this.#explain(inputs, answer.message);
    return false;
  }

  /** Sees to what kept segments from becoming one. */
  async #explain(inputs: readonly Segment[], message: string): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const damaged = await this.#inspector.damagedOf(inputs);
    if (damaged.length > 0) await this.#around.damaged(damaged);
    else this.#around.failed(message, inputs);
  }
}

import { errorMessage } from '../../base/errors.ts';
import { Inspector } from '../segments/inspection.ts';
import type { Segment } from '../segments/manifest.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { daysToMerge, hoursToMerge, type MergePlan } from './merge_plan.ts';
import { mergeInProcess } from './merging_process.ts';

/** What the merger looks at and tells. */
interface Surroundings {
  /** What there is at the moment. */
  segments(): readonly Segment[];
  /** Journals that have ended and are in no segment yet. */
  unsealed(): readonly string[];
  /** Some segments were merged to others, which now have to take their place. */
  merged(inputs: readonly Segment[], outputs: readonly Segment[]): Promise<void>;
  /** These could not be read, and would stand in the way the next time, too. */
  damaged(files: readonly string[]): Promise<void>;
  failed(message: string): void;
}

/** Merges what belongs to an hour or a day that is over, beside everything else. */
export class Merger {
  readonly #settings: HistorySettings;
  readonly #run: string;
  readonly #around: Surroundings;
  readonly #inspector: Inspector;
  readonly #closing = new AbortController();
  #working: Promise<void> | undefined;

  /** @param run distinguishes the new files from those of other processes */
  constructor(settings: HistorySettings, run: string, around: Surroundings) {
    this.#settings = settings;
    this.#run = run;
    this.#around = around;
    this.#inspector = new Inspector(settings.dataDir);
  }

  /** Sees to what is over by now, unless it is at it already. */
  begin(nowMs: number): void {
    this.#working ??= this.#merge(nowMs)
      .catch((error: unknown) => this.#around.failed(errorMessage(error)))
      .finally(() => {
        this.#working = undefined;
      });
  }

  /** Gives up what is under way, to be made another time. */
  stop(): void {
    this.#closing.abort();
  }

  /** When nothing is under way any more. */
  async stopped(): Promise<void> {
    await this.#working;
  }

  async #merge(nowMs: number): Promise<void> {
    for (const plansFor of [hoursToMerge, daysToMerge]) {
      for (const plan of plansFor(this.#around.segments(), nowMs, this.#settings)) {
        if (this.#closing.signal.aborted) return;
        if (plan.hour !== undefined && this.#isAwaited(plan.hour)) continue;
        await this.#carryOut(plan, nowMs);
      }
    }
  }

  /** Whether some of an hour is still to be sealed: merged without it, the hour would have to be merged twice. */
  #isAwaited({ fromMs, toMs }: NonNullable<MergePlan['hour']>): boolean {
    const starts = this.#around.unsealed().map((name) => Number.parseInt(name, 10));
    return starts.some((startMs) => startMs >= fromMs && startMs < toMs);
  }

  async #carryOut({ stem, inputs, hour }: MergePlan, nowMs: number): Promise<void> {
    const { signal } = this.#closing;
    const answer = await mergeInProcess(
      {
        dataDir: this.#settings.dataDir,
        stem: `${stem}-${this.#run}-${nowMs}`,
        inputs,
        ...(hour && { hour }),
      },
      signal,
    );
    if (answer.ok) {
      await this.#around.merged(inputs, answer.segments);
      return;
    }
    if (signal.aborted) return;
    const damaged = await this.#inspector.damagedOf(inputs);
    if (damaged.length > 0) await this.#around.damaged(damaged);
    else this.#around.failed(answer.message);
  }
}

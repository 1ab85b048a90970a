import { basename } from 'node:path';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import { Inspector } from '../segments/inspection.ts';
import type { OutboxFile, Segment } from '../segments/manifest.ts';
import { periodName, putAsItIs } from '../segments/outbox.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { areHeld, type HandOver, periodsToHandOver } from './hand_over_plan.ts';
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
interface Surroundings {
  /** What there is at the moment. */
  segments(): readonly Segment[];
  toCut(): ToCut;
  /** Journals that have ended and are in no segment yet. */
  unsealed(): readonly string[];
  /** The journal under way, if there is one. */
  current(): string | undefined;
  /** What waits to be taken away. */
  outbox(): readonly OutboxFile[];
  /** The rows of some segments are in files that are ready to be taken away. */
  handedOver(inputs: readonly Segment[], files: readonly OutboxFile[]): Promise<void>;
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
    const isGiven = await this.#handOver(nowMs);
    const isMerged = await this.#mergeSpans(nowMs);
    return (await this.#handOver(nowMs)) && isGiven && isMerged;
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

  /** Returns whether all that is over is in the outbox. */
  async #handOver(nowMs: number): Promise<boolean> {
    const current = this.#around.current();
    const awaited = [...this.#around.unsealed(), ...(current === undefined ? [] : [current])];
    const awaitedMs = awaited.map((name) => Number.parseInt(name, 10));
    let isDone = true;
    for (const period of periodsToHandOver(this.#around.segments(), awaitedMs, nowMs, this.#settings)) {
      if (this.#closing.signal.aborted) return false;
      const files = await this.#filesOf(period);
      if (files === undefined) isDone = false;
      else await this.#around.handedOver(period.inputs, files);
    }
    return isDone;
  }

  /** The raw rows of a period as a file a table in the outbox; undefined where that failed and is tried again. */
  async #filesOf(period: HandOver): Promise<OutboxFile[] | undefined> {
    const { dataDir } = this.#settings;
    const { fromMs, toMs, inputs } = period;
    const stem = this.#freeStem(period);
    const files: OutboxFile[] = [];
    const several: Segment[] = [];
    for (const segments of byTable(inputs).values()) {
      const [only, ...others] = segments;
      if (only === undefined) continue;
      if (others.length > 0) several.push(...segments);
      else {
        try {
          files.push(await putAsItIs(dataDir, only, { fromMs, toMs }, stem));
        } catch (error) {
          // What is gone stays gone, and would keep the rest from going.
          if (systemErrorCode(error) === 'ENOENT') await this.#around.damaged([only.file]);
          else this.#around.failed(errorMessage(error));
          return undefined;
        }
      }
    }
    if (several.length === 0) return files;
    const task = { dataDir, stem, inputs: several, isForOutbox: true } as const;
    const answer = await mergeInProcess(task, this.#closing.signal);
    if (answer.ok) {
      const made = answer.segments.map(({ table, file, rows, bytes }) => {
        return { table, file, fromMs, toMs, rows, bytes };
      });
      return [...files, ...made];
    }
    await this.#explain(several, answer.message);
    return undefined;
  }

  /** A name that no file in the outbox has: some of a period may come late, when the rest still waits there. */
  #freeStem(period: HandOver): string {
    const taken = new Set(this.#around.outbox().map(({ file }) => basename(file, '.parquet')));
    const name = periodName(period);
    let stem = name;
    for (let count = 2; taken.has(stem); count++) stem = `${name}.${count}`;
    return stem;
  }
}

function byTable(segments: readonly Segment[]): ReadonlyMap<string, Segment[]> {
  const tables = new Map<string, Segment[]>();
  for (const segment of segments) {
    const before = tables.get(segment.table);
    if (before === undefined) tables.set(segment.table, [segment]);
    else before.push(segment);
  }
  return tables;
}

import { basename } from 'node:path';
import { errorMessage, systemErrorCode } from '../../base/errors.ts';
import type { OutboxFile, Segment } from '../segments/manifest.ts';
import { periodName, putAsItIs } from '../segments/outbox.ts';
import type { HistorySettings } from '../segments/settings.ts';
import { type HandOver, periodsToHandOver } from './hand_over_plan.ts';
import { mergeInProcess } from './merging_process.ts';

/** What handing over looks at and tells. */
export interface OutboxSurroundings {
  /** What there is at the moment. */
  segments(): readonly Segment[];
  /** Journals that have ended and are in no segment yet. */
  unsealed(): readonly string[];
  /** The journal under way, if there is one. */
  current(): string | undefined;
  /** What waits to be taken away. */
  outbox(): readonly OutboxFile[];
  /** The rows of some segments are in files that are ready to be taken away. */
  handedOver(inputs: readonly Segment[], files: readonly OutboxFile[]): Promise<void>;
}

/** Says why segments could not become a file, and sees to what was damaged. */
type Explain = (inputs: readonly Segment[], message: string) => Promise<void>;

/** Puts the raw rows of periods that are over into the outbox, a file a table. */
export class HandingOver {
  readonly #settings: HistorySettings;
  readonly #around: OutboxSurroundings;
  readonly #explain: Explain;
  readonly #signal: AbortSignal;

  /** @param signal ends what is under way, to be made another time */
  constructor(settings: HistorySettings, around: OutboxSurroundings, explain: Explain, signal: AbortSignal) {
    this.#settings = settings;
    this.#around = around;
    this.#explain = explain;
    this.#signal = signal;
  }

  /** Returns whether all that is over by now is there. */
  async run(nowMs: number): Promise<boolean> {
    const current = this.#around.current();
    const awaited = [...this.#around.unsealed(), ...(current === undefined ? [] : [current])];
    const awaitedMs = awaited.map((name) => Number.parseInt(name, 10));
    let isDone = true;
    for (const period of periodsToHandOver(this.#around.segments(), awaitedMs, nowMs, this.#settings)) {
      if (this.#signal.aborted) return false;
      const files = await this.#filesOf(period);
      if (files === undefined) isDone = false;
      else await this.#around.handedOver(period.inputs, files);
    }
    return isDone;
  }

  /** What a period becomes; undefined where that failed and is tried again. */
  async #filesOf(period: HandOver): Promise<OutboxFile[] | undefined> {
    const stem = this.#freeStem(period);
    const files: OutboxFile[] = [];
    const several: Segment[] = [];
    for (const segments of byTable(period.inputs).values()) {
      const [only, ...others] = segments;
      if (only === undefined) continue;
      if (others.length > 0) {
        several.push(...segments);
        continue;
      }
      const file = await this.#asItIs(only, period, stem);
      if (file === undefined) return undefined;
      files.push(file);
    }
    if (several.length === 0) return files;
    const made = await this.#putTogether(several, period, stem);
    return made && [...files, ...made];
  }

  async #asItIs(segment: Segment, { fromMs, toMs }: HandOver, stem: string): Promise<OutboxFile | undefined> {
    try {
      return await putAsItIs(this.#settings.dataDir, segment, { fromMs, toMs }, stem);
    } catch (error) {
      await this.#explain(systemErrorCode(error) === 'ENOENT' ? [segment] : [], errorMessage(error));
      return undefined;
    }
  }

  async #putTogether(
    inputs: readonly Segment[],
    { fromMs, toMs }: HandOver,
    stem: string,
  ): Promise<OutboxFile[] | undefined> {
    const task = { dataDir: this.#settings.dataDir, stem, inputs, isForOutbox: true } as const;
    const answer = await mergeInProcess(task, this.#signal);
    if (answer.ok)
      return answer.segments.map(({ table, file, rows, bytes }) => ({
        table,
        file,
        fromMs,
        toMs,
        rows,
        bytes,
      }));
    await this.#explain(inputs, answer.message);
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

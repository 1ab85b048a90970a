import { setTimeout as delay } from 'node:timers/promises';
import { pssBytes } from '../measure/memory.ts';
import { readTreeUsage, type UsageBetween, usageBetween } from '../measure/usage.ts';
import { HzstatProcess } from '../processes/hzstat.ts';
import { PsutilLoop } from '../processes/psutil_loop.ts';
import type { Received } from '../readers/protocol.ts';
import { Readers } from '../readers/readers.ts';
import { extraCollectors, type Scenario } from './scenario.ts';

const US_PER_SECOND = 1_000_000;

/** What one window has shown of a process that samples. */
export interface Sample {
  /** Snapshots taken in the window. */
  readonly snapshots: number;
  readonly missed: number;
  readonly usage: UsageBetween;
  readonly pssBytes: number;
  readonly received?: Received;
}

/** A process that samples and takes turns with others. */
export interface Contender {
  readonly name: string;
  pause(): void;
  resume(): void;
  measure(seconds: number): Promise<Sample>;
  stop(): Promise<void>;
}

/** The product in one scenario, with its client if it has one. */
export class HzstatContender implements Contender {
  readonly name: string;
  readonly scenario: Scenario;
  readonly #process: HzstatProcess;
  readonly #readers: Readers | undefined;

  static async start(scenario: Scenario): Promise<HzstatContender> {
    const server = await HzstatProcess.start(scenario);
    if (scenario.clients === 0) return new HzstatContender(scenario, server, undefined);
    const readers = await Readers.start();
    await readers.connect(server.url, scenario.clients, 1);
    return new HzstatContender(scenario, server, readers);
  }

  private constructor(scenario: Scenario, server: HzstatProcess, readers: Readers | undefined) {
    const { hz, history, clients, isViewed = false, collectors, watches = false } = scenario;
    const extras = [...(watches ? ['watches'] : []), ...extraCollectors(collectors)];
    const facts = [
      history ? 'history' : 'no history',
      isViewed ? 'viewed' : `${clients} client${clients === 1 ? '' : 's'}`,
      ...extras,
    ];
    this.name = `hzstat ${hz} Hz, ${facts.join(', ')}`;
    this.scenario = scenario;
    this.#process = server;
    this.#readers = readers;
  }

  pause(): void {
    this.#process.pause();
  }

  resume(): void {
    this.#process.resume();
  }

  async measure(seconds: number): Promise<Sample> {
    const missedBefore = await this.#process.missedTicks();
    this.#readers?.begin();
    const before = readTreeUsage(this.#process.pid);
    await delay(seconds * 1_000);
    const after = readTreeUsage(this.#process.pid);
    const received = await this.#readers?.end();
    const missed = (await this.#process.missedTicks()) - missedBefore;
    const usage = usageBetween(before, after);
    const snapshots = (usage.elapsedUs / US_PER_SECOND) * this.scenario.hz - missed;
    const sample = { snapshots, missed, usage, pssBytes: pssBytes(this.#process.pid) ?? Number.NaN };
    return received === undefined ? sample : { ...sample, received };
  }

  async stop(): Promise<void> {
    this.#readers?.stop();
    await this.#process.stop();
  }
}

/** The psutil loop at one rate. */
export class PsutilContender implements Contender {
  readonly name: string;
  readonly hz: number;
  readonly #loop: PsutilLoop;

  /** Undefined where there is no psutil. */
  static async start(hz: number): Promise<PsutilContender | undefined> {
    const loop = await PsutilLoop.start(hz);
    return loop && new PsutilContender(hz, loop);
  }

  private constructor(hz: number, loop: PsutilLoop) {
    this.name = `psutil ${hz} Hz`;
    this.hz = hz;
    this.#loop = loop;
  }

  pause(): void {
    this.#loop.pause();
  }

  resume(): void {
    this.#loop.resume();
  }

  async measure(seconds: number): Promise<Sample> {
    const ticksBefore = await this.#loop.ticks();
    const before = readTreeUsage(this.#loop.pid);
    await delay(seconds * 1_000);
    const after = readTreeUsage(this.#loop.pid);
    const snapshots = (await this.#loop.ticks()) - ticksBefore;
    const usage = usageBetween(before, after);
    const due = Math.round((usage.elapsedUs / US_PER_SECOND) * this.hz);
    const missed = Math.max(0, due - snapshots);
    return { snapshots, missed, usage, pssBytes: pssBytes(this.#loop.pid) ?? Number.NaN };
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }
}

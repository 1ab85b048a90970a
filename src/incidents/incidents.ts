import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { monotonicNs } from '../base/clock.ts';
import { errorMessage } from '../base/errors.ts';
import { log } from '../base/log.ts';
import { MS_PER_SECOND, NS_PER_MS } from '../base/units.ts';
import { within } from '../base/within.ts';
import type { Incident, IncidentReport } from '../model/incidents/incident.ts';
import type { Watch } from '../model/incidents/watch.ts';
import type { Crossing, WatchLink, WatchLinks } from '../watching/crossing.ts';
import {
  type EvidenceStatus,
  type FromEvidence,
  type Phase,
  summaryOf,
  type ToEvidence,
} from './messages.ts';

const ENTRY = createRequire(import.meta.url).resolve('#evidence-entry');

const SUBJECT = { subject: 'incidents' };

/** Incidents that are listed; those from before are in history. */
const MOST_LISTED = 1_000;
const FIRST_RESTART_MS = 1_000;
const LONGEST_RESTART_MS = 60_000;
/** What the thread is given at the end to write down what it has; and to be gone, before it counts as hanging. */
const CLOSE_PATIENCE_MS = MS_PER_SECOND;
const HANGS_AFTER_MS = 5 * MS_PER_SECOND;

export interface IncidentsOptions {
  readonly watches: readonly Watch[];
  readonly rootfs: string;
  /** Where incidents are kept; undefined where nothing is recorded. */
  readonly dataDir?: string | undefined;
  readonly withArguments: boolean;
  readonly hook?: string | undefined;
}

export type IncidentListener = (phase: Phase, report: IncidentReport) => void;

/** Main's side of incidents: links collectors to the evidence thread, and lists what that thread found. */
export class Incidents implements WatchLinks {
  readonly watches: readonly Watch[];
  readonly #options: IncidentsOptions;
  readonly #reports = new Map<string, IncidentReport>();
  readonly #listeners = new Set<IncidentListener>();
  readonly #counts = new Map<string, number>();
  #status: EvidenceStatus = { suppressed: 0, hooksDropped: 0 };
  #clockOffsetNs: number;
  #worker: Worker | undefined;
  #port: MessagePort | undefined;
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #restartMs = FIRST_RESTART_MS;
  #died: string | undefined;
  #closed: () => void = () => {};
  #isClosing = false;
  /** Called when the thread was begun anew: the links of the one before are gone. */
  onRenewed: () => void = () => {};

  constructor(options: IncidentsOptions) {
    this.#options = options;
    this.watches = options.watches;
    for (const { name } of options.watches) this.#counts.set(name, 0);
    this.#clockOffsetNs = (performance.timeOrigin + performance.now()) * NS_PER_MS - monotonicNs();
    this.#begin();
  }

  /** How keeping them fares. */
  get status(): EvidenceStatus {
    return this.#died === undefined ? this.#status : { ...this.#status, message: this.#died };
  }

  /** How many there have been in this run, by watch. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Those that lasted into the time since, the newest first. */
  list(since?: string): Incident[] {
    return [...this.#reports.values()]
      .filter(({ ended }) => since === undefined || ended === null || ended >= since)
      .sort((a, b) => (a.began < b.began ? 1 : -1))
      .map(summaryOf);
  }

  find(id: string): IncidentReport | undefined {
    return this.#reports.get(id);
  }

  /** Calls the listener with every incident that begins or ends, until the returned function is called. */
  subscribe(listener: IncidentListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(collector: string): WatchLink | undefined {
    const watches = this.watches.filter((watch) => watch.collector === collector);
    if (watches.length === 0 || this.#port === undefined) return undefined;
    const { port1, port2 } = new MessageChannel();
    this.#tell({ type: 'link', port: port1 }, [port1]);
    return { watches, port: port2 };
  }

  /** Takes a crossing main itself has seen. */
  crossed(crossing: Crossing): void {
    this.#tell({ type: 'crossing', crossing });
  }

  /** Follows the clock of the sampler, so that times are those of snapshots. */
  setClock(offsetNs: number): void {
    this.#clockOffsetNs = offsetNs;
    this.#tell({ type: 'clock', offsetNs });
  }

  /** Ends what is under way, and the thread; whether that was possible, or it hangs in the kernel. */
  async close(): Promise<boolean> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return true;
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    this.#tell({ type: 'close' });
    await within(CLOSE_PATIENCE_MS, Promise.race([closed, this.#ended]));
    return within(HANGS_AFTER_MS, worker.terminate());
  }

  #begin(): void {
    const { watches, rootfs, dataDir, withArguments, hook } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(ENTRY, {
      workerData: {
        port: port2,
        watches,
        rootfs,
        dataDir,
        withArguments,
        hook,
        clockOffsetNs: this.#clockOffsetNs,
      },
      transferList: [port2],
      trackUnmanagedFds: false,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    port1.on('message', (message: FromEvidence) => this.#hear(message));
    let reason = 'it ended by itself';
    worker.once('error', (error) => {
      reason = errorMessage(error);
    });
    this.#ended = new Promise((resolve) =>
      worker.once('exit', () => {
        port1.close();
        if (!this.#isClosing) this.#beginLater(reason);
        resolve();
      }),
    );
    this.#worker = worker;
    this.#port = port1;
  }

  /** What was under way is lost with the thread; crossings from now on are told to another. */
  #beginLater(reason: string): void {
    this.#worker = undefined;
    this.#port = undefined;
    this.#died = `the thread that keeps incidents died: ${reason}`;
    log.error(this.#died, SUBJECT);
    this.#restart = setTimeout(() => {
      this.#begin();
      this.#died = undefined;
      this.onRenewed();
    }, this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
  }

  #hear(message: FromEvidence): void {
    switch (message.type) {
      case 'kept':
        for (const report of message.reports) this.#keep(report);
        break;
      case 'incident':
        this.#keep(message.report);
        if (message.phase !== 'changed') this.#announce(message.phase, message.report);
        break;
      case 'status':
        if (message.status.message !== undefined && message.status.message !== this.#status.message) {
          log.error(message.status.message, SUBJECT);
        }
        this.#status = message.status;
        break;
      case 'said':
        log.warn(message.message, SUBJECT);
        break;
      case 'closed':
        this.#closed();
        break;
    }
  }

  #keep(report: IncidentReport): void {
    this.#reports.set(report.id, report);
    if (this.#reports.size <= MOST_LISTED) return;
    const oldest = [...this.#reports.values()].reduce((a, b) => (a.began <= b.began ? a : b));
    this.#reports.delete(oldest.id);
  }

  #announce(phase: Phase, report: IncidentReport): void {
    if (phase === 'began') this.#counts.set(report.watch, (this.#counts.get(report.watch) ?? 0) + 1);
    for (const listener of this.#listeners) listener(phase, report);
  }

  #tell(message: ToEvidence, transfer: readonly MessagePort[] = []): void {
    this.#port?.postMessage(message, [...transfer]);
  }
}

import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { errorMessage, HzstatError } from '../base/errors.ts';
import { log } from '../base/log.ts';
import { US_PER_MS } from '../base/units.ts';
import type { PackedSnapshot } from '../records/packed_snapshot.ts';
import type { Position } from '../records/position.ts';
import type { JournalFile } from './journal/journal_file.ts';
import { type RecordedSnapshot, snapshotsAfter } from './journal/recorded_snapshots.ts';
import type { ExportFormat, QueryTable } from './queries/query_messages.ts';
import { QueryPool, type Question } from './queries/query_pool.ts';
import { SuspiciousFailure } from './queries/suspicious_failure.ts';
import { SnapshotBatch } from './rows/snapshot_batch.ts';
import { Inspector } from './segments/inspection.ts';
import type { OutboxFile, Segment } from './segments/manifest.ts';
import type { HistorySettings } from './segments/settings.ts';
import { TroubleLog } from './trouble_log.ts';
import type { FromWriter, ToWriter, WriterStatus } from './writer/messages.ts';

const ENTRY = createRequire(import.meta.url).resolve('#history-writer');

const SUBJECT = { subject: 'history' };

const APPEND_EVERY_MS = 1_000;
/** Snapshots that come together about once a second are appended when they come. */
const DUE_AFTER_MS = 800;
/** What the writing thread may be behind; beyond that snapshots are given up, so that memory stays bounded. */
const MOST_UNACKNOWLEDGED_BYTES = 64 * 1024 * 1024;

/** Main's side of history: hands snapshots to the writing thread once a second, and questions to query processes. */
export class History {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #settings: HistorySettings;
  readonly #pool = new QueryPool();
  readonly #inspector: Inspector;
  readonly #batch = new SnapshotBatch();
  readonly #inFlight: number[] = [];
  readonly #asked = new Map<number, (answer: { segments: readonly Segment[]; error?: string }) => void>();
  readonly #listed = new Map<number, (journals: readonly JournalFile[]) => void>();
  readonly #outboxes = new Map<number, (files: readonly OutboxFile[]) => void>();
  readonly #ended: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #period = Number.NaN;
  #flushedMs = performance.now();
  #requests = 0;
  #lost = 0;
  /** What the writing thread said last. */
  #told: WriterStatus;
  #status: WriterStatus | undefined;
  #died: string | undefined;
  readonly #troubles = new TroubleLog();
  #closed: () => void = () => {};

  /** @throws HzstatError HISTORY_LOCKED, BAD_DATA_DIR */
  static async open(settings: HistorySettings): Promise<History> {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(ENTRY, {
      workerData: { settings, port: port2 },
      transferList: [port2],
      trackUnmanagedFds: false,
      // Next to nothing of what sealing makes outlives it, so room for more of it would only be taken, not needed.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    const first = await new Promise<FromWriter>((resolve, reject) => {
      const hear = (message: FromWriter): void => {
        if (message.type === 'said') {
          say(message.message);
          return;
        }
        port1.off('message', hear);
        resolve(message);
      };
      port1.on('message', hear);
      worker.once('error', reject);
    });
    if (first.type === 'refused') throw new HzstatError(first.code, first.message);
    if (first.type !== 'started')
      throw new HzstatError('HISTORY_UNAVAILABLE', 'the writing thread did not start');
    return new History(settings, worker, port1, first.status);
  }

  private constructor(settings: HistorySettings, worker: Worker, port: MessagePort, status: WriterStatus) {
    this.#settings = settings;
    this.#inspector = new Inspector(settings.dataDir);
    this.#worker = worker;
    this.#port = port;
    this.#told = status;
    this.#troubles.hear(status.message, status.lostSnapshots);
    port.on('message', (message: FromWriter) => this.#hear(message));
    this.#ended = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.once('error', (error) => this.#die(errorMessage(error)));
    this.#timer = setInterval(() => this.flush(), APPEND_EVERY_MS);
  }

  /** How history fares, for `/health` and `sampling`: the same object until something changes. */
  get status(): WriterStatus {
    this.#status ??= {
      ...this.#told,
      lostSnapshots: this.#told.lostSnapshots + this.#lost,
      ...(this.#died !== undefined && { state: 'failing', message: this.#died }),
    };
    return this.#status;
  }

  /** Takes a snapshot. Never waits, never throws. */
  record(snapshot: PackedSnapshot): void {
    const period = Math.floor(snapshot.moment.unixUs / US_PER_MS / this.#settings.journalMs);
    // A batch belongs to one journal, so that no bucket of a rollup is cut in two.
    if (period !== this.#period) this.flush();
    this.#period = period;
    this.#batch.add(snapshot);
  }

  /** Hands over what was collected when that is a second of it, so that the timer need not. */
  flushIfDue(): void {
    if (performance.now() - this.#flushedMs >= DUE_AFTER_MS) this.flush();
  }

  /** Hands over what was collected. */
  flush(): void {
    this.#flushedMs = performance.now();
    this.#timer.refresh();
    const { count, byteLength } = this.#batch;
    if (count === 0) return;
    const batch = this.#batch.take();
    const waiting = this.#inFlight.reduce((sum, length) => sum + length, 0);
    if (this.#died !== undefined || waiting + byteLength > MOST_UNACKNOWLEDGED_BYTES) {
      this.#lost += count;
      this.#status = undefined;
      this.#batch.giveBack(batch.rows);
      this.#batch.tellAnew();
      return;
    }
    this.#inFlight.push(byteLength);
    this.#tell({ type: 'append', period: this.#period, batch }, [batch.rows.buffer]);
  }

  /**
   * Answers a question in SQL, the last second included.
   *
   * @throws HzstatError QUERY_REFUSED, QUERY_INVALID, QUERY_TIMEOUT, QUERY_OUT_OF_MEMORY, QUERY_CANCELLED, QUERY_FAILED
   */
  async query(sql: string, signal?: AbortSignal): Promise<QueryTable> {
    const question = (): Promise<Question> => this.#question(sql);
    try {
      return await this.#pool.ask(question, signal);
    } catch (error) {
      if (!(await this.#setDamagedAside(error))) throw error;
      return this.#pool.ask(question, signal);
    }
  }

  /**
   * The whole answer to a question as CSV or Parquet, in pieces, as fast as they are taken.
   *
   * @throws HzstatError as `query` does; behind the first piece that means that the rest is missing
   */
  async *export(
    sql: string,
    format: ExportFormat,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const question = (): Promise<Question> => this.#question(sql);
    let isBegun = false;
    try {
      for await (const piece of this.#pool.export(question, format, signal)) {
        isBegun = true;
        yield piece;
      }
    } catch (error) {
      if (!(await this.#setDamagedAside(error)) || isBegun) throw error;
      yield* this.#pool.export(question, format, signal);
    }
  }

  /**
   * The snapshots recorded after a sequence number of this process, or after a time (ISO 8601) of whatever process,
   * as far back as they are kept; everything handed to `record` before the call is among them.
   */
  async *snapshotsAfter(position: Position): AsyncGenerator<RecordedSnapshot[]> {
    if (this.#died !== undefined) return;
    this.flush();
    const request = this.#requests++;
    const journals = await new Promise<readonly JournalFile[]>((resolve) => {
      this.#listed.set(request, resolve);
      this.#tell({ type: 'journals', request });
    });
    yield* snapshotsAfter(journals, position, this.#settings.journalMs);
  }

  /**
   * What still waits to be taken away, oldest first; files are below the data directory.
   *
   * @param taken files that were, and are not needed here any more
   */
  outbox(taken: readonly string[] = []): Promise<readonly OutboxFile[]> {
    if (this.#died !== undefined) return Promise.resolve([]);
    const request = this.#requests++;
    return new Promise((resolve) => {
      this.#outboxes.set(request, resolve);
      this.#tell({ type: 'outbox', request, taken });
    });
  }

  /** Writes what is left and ends the thread. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.flush();
    this.#pool.close();
    if (this.#died === undefined) {
      const closed = new Promise<void>((resolve) => {
        this.#closed = resolve;
      });
      this.#tell({ type: 'close' });
      await Promise.race([closed, this.#ended]);
    }
    await this.#worker.terminate();
    this.#troubles.close();
  }

  async #question(sql: string): Promise<Question> {
    return { sql, dataDir: this.#settings.dataDir, segments: await this.#segments() };
  }

  /** Finds out whether damage was why a question failed, and sees to it; returns whether it was. */
  async #setDamagedAside(error: unknown): Promise<boolean> {
    if (!(error instanceof SuspiciousFailure)) return false;
    const damaged = await this.#inspector.damagedOf(error.suspects);
    if (damaged.length > 0) this.#tell({ type: 'condemn', files: damaged });
    return damaged.length > 0;
  }

  async #segments(): Promise<readonly Segment[]> {
    if (this.#died !== undefined) throw new HzstatError('HISTORY_UNAVAILABLE', this.#died);
    this.flush();
    const request = this.#requests++;
    const answer = await new Promise<{ segments: readonly Segment[]; error?: string }>((resolve) => {
      this.#asked.set(request, resolve);
      this.#tell({ type: 'segments', request });
    });
    if (answer.error !== undefined) throw new HzstatError('HISTORY_UNAVAILABLE', answer.error);
    return answer.segments;
  }

  #tell(message: ToWriter, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, [...transfer]);
  }

  #hear(message: FromWriter): void {
    switch (message.type) {
      case 'appended':
        this.#inFlight.shift();
        this.#batch.giveBack(message.rows);
        this.#hearStatus(message.status);
        break;
      case 'status':
        this.#hearStatus(message.status);
        break;
      case 'segments':
        this.#hearStatus(message.status);
        this.#asked.get(message.request)?.(message);
        this.#asked.delete(message.request);
        break;
      case 'journals':
        this.#listed.get(message.request)?.(message.journals);
        this.#listed.delete(message.request);
        break;
      case 'outbox':
        this.#outboxes.get(message.request)?.(message.files);
        this.#outboxes.delete(message.request);
        break;
      case 'said':
        say(message.message);
        break;
      case 'closed':
        this.#closed();
        break;
      default:
        break;
    }
  }

  #hearStatus(status: WriterStatus): void {
    this.#troubles.hear(status.message, status.lostSnapshots + this.#lost);
    this.#told = status;
    this.#status = undefined;
  }

  #die(reason: string): void {
    this.#died = `the thread that writes history died: ${reason}`;
    log.error(this.#died, SUBJECT);
    this.#status = undefined;
    for (const answer of this.#asked.values()) answer({ segments: [], error: this.#died });
    this.#asked.clear();
    for (const list of this.#listed.values()) list([]);
    this.#listed.clear();
    for (const list of this.#outboxes.values()) list([]);
    this.#outboxes.clear();
  }
}

function say(message: string): void {
  log.warn(message, SUBJECT);
}

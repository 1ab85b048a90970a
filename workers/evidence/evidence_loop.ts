import type { MessagePort } from 'node:worker_threads';
import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_MS } from '../../src/base/units.ts';
import { Hook } from '../../src/incidents/hook.ts';
import { IncidentFiles, lastRecorded } from '../../src/incidents/incident_files.ts';
import type {
  EvidenceStatus,
  EvidenceTask,
  FromEvidence,
  Phase,
  ToEvidence,
} from '../../src/incidents/messages.ts';
import type { IncidentReport } from '../../src/model/incidents/incident.ts';
import type { Crossing } from '../../src/watching/crossing.ts';
import { IncidentBook } from './incident_book.ts';
import { LookPace } from './look_pace.ts';
import { ProcessScanner } from './process_scanner.ts';
import { ThreadCpu } from './thread_cpu.ts';

/** Incidents of earlier runs that are listed. */
const MOST_KEPT = 1_000;
/** A look that is no older than this is as good as a new one. */
const FRESH_NS = 20 * NS_PER_MS;
const TOLD_BY_MAIN = {};

/** The evidence thread: hears of crossings, looks at processes, keeps the incidents. No tick waits for it. */
export class EvidenceLoop {
  readonly #port: MessagePort;
  readonly #book: IncidentBook;
  readonly #scanner: ProcessScanner;
  readonly #files: IncidentFiles | undefined;
  readonly #lastRecorded: string | undefined;
  readonly #hook: Hook | undefined;
  readonly #pace = new LookPace();
  readonly #cpu = new ThreadCpu();
  readonly #links = new Set<MessagePort>();
  #lookedNs = Number.NEGATIVE_INFINITY;
  #next: NodeJS.Timeout | undefined;
  #suppressed = 0;

  constructor({ port, watches, rootfs, dataDir, withArguments, hook, clockOffsetNs }: EvidenceTask) {
    this.#port = port;
    this.#scanner = new ProcessScanner(rootfs, withArguments);
    this.#lastRecorded = dataDir === undefined ? undefined : lastRecorded(dataDir);
    this.#files = dataDir === undefined ? undefined : new IncidentFiles(dataDir, () => this.#tellStatus());
    this.#hook =
      hook === undefined
        ? undefined
        : new Hook(
            hook,
            () => this.#tellStatus(),
            (message) => this.#post({ type: 'said', message }),
          );
    this.#book = new IncidentBook({
      watches,
      clockOffsetNs,
      details: (reading) => this.#scanner.details(reading),
      tell: (phase, report) => this.#tell(phase, report),
    });
  }

  /** Begins with what earlier runs left; those that were not over then ended with the run. */
  start(): void {
    const last = this.#lastRecorded ?? '';
    const kept = (this.#files?.latest(MOST_KEPT) ?? []).map((report) => {
      if (report.ended !== null) return report;
      const message = `${report.message}; it was still going on when the sampler stopped`;
      const over = { ...report, ended: last > report.peak_at ? last : report.peak_at, message };
      this.#files?.keep(over);
      return over;
    });
    this.#post({ type: 'kept', reports: kept });
    this.#look();
  }

  hear(message: ToEvidence): void {
    switch (message.type) {
      case 'link':
        this.#listen(message.port);
        break;
      case 'crossing':
        this.#crossed(message.crossing, TOLD_BY_MAIN);
        break;
      case 'clock':
        this.#book.clockOffsetNs = message.offsetNs;
        break;
      case 'close':
        void this.#close();
        break;
    }
  }

  #listen(port: MessagePort): void {
    this.#links.add(port);
    port.on('message', (crossing: Crossing) => this.#crossed(crossing, port));
    port.once('close', () => {
      this.#links.delete(port);
      this.#book.left(port, monotonicNs());
    });
  }

  #crossed(crossing: Crossing, source: object): void {
    const { type } = crossing;
    // Before anything else: who did it may be gone in a moment.
    const isWorthALook = type === 'began' || (type === 'suspected' && this.#pace.takeSuspicion());
    if (isWorthALook) this.#lookIfStale();
    this.#book.hear(crossing, source);
    if (this.#book.suppressed !== this.#suppressed) this.#tellStatus();
    if (type === 'began') this.#schedule();
  }

  #lookIfStale(): void {
    if (monotonicNs() - this.#lookedNs > FRESH_NS) this.#look();
  }

  #look(): void {
    const begunMs = this.#cpu.usedMs();
    this.#book.look(this.#scanner.scan());
    this.#lookedNs = monotonicNs();
    this.#pace.looked(this.#cpu.usedMs() - begunMs);
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#next);
    const sinceNs = this.#book.latestSinceNs;
    const waitMs =
      sinceNs === undefined ? this.#pace.quietMs : this.#pace.busyMs((monotonicNs() - sinceNs) / NS_PER_MS);
    this.#next = setTimeout(() => this.#look(), waitMs);
  }

  #tell(phase: Phase | 'changed', report: IncidentReport): void {
    this.#post({ type: 'incident', phase, report });
    if (phase === 'changed') return;
    this.#files?.keep(report);
    this.#hook?.call(phase, report);
  }

  #tellStatus(): void {
    this.#suppressed = this.#book.suppressed;
    const message = this.#files?.trouble;
    const status: EvidenceStatus = {
      suppressed: this.#suppressed,
      hooksDropped: this.#hook?.dropped ?? 0,
      ...(message !== undefined && { message }),
    };
    this.#post({ type: 'status', status });
  }

  async #close(): Promise<void> {
    clearTimeout(this.#next);
    this.#book.close(monotonicNs());
    for (const port of this.#links) port.close();
    await this.#files?.settled();
    this.#post({ type: 'closed' });
    this.#port.close();
  }

  #post(message: FromEvidence): void {
    this.#port.postMessage(message);
  }
}

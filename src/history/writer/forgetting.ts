import type { ToCut } from '../merging/merge_plan.ts';
import { KnownIncidents } from '../segments/known_incidents.ts';
import { expired } from '../segments/retention.ts';
import type { HistorySettings } from '../segments/settings.ts';
import type { Store } from '../segments/store.ts';
import type { OutboxStatus } from './messages.ts';
import { OutboxCount } from './outbox_count.ts';

/** Forgets what is too old or takes too much room, and says of what something has to be cut out first. */
export class Forgetting {
  readonly #settings: HistorySettings;
  readonly #store: Store;
  readonly #say: (message: string) => void;
  readonly #incidents: KnownIncidents;
  readonly #uncut = new Set<string>();
  readonly #outbox: OutboxCount;
  #toCut: ToCut = { files: new Set(), windows: [] };

  /** @param say tells the user what was found and done */
  constructor(settings: HistorySettings, store: Store, say: (message: string) => void) {
    this.#settings = settings;
    this.#store = store;
    this.#say = say;
    this.#outbox = new OutboxCount(say);
    this.#incidents = new KnownIncidents(settings.dataDir, Date.now(), say);
  }

  get toCut(): ToCut {
    return this.#toCut;
  }

  get outboxStatus(): OutboxStatus {
    return this.#outbox.status(this.#store.outbox);
  }

  /** These could not be cut for now. They wait, unless there is no room for them. */
  couldNotCut(files: readonly string[]): void {
    for (const file of files) if (this.#toCut.files.has(file)) this.#uncut.add(file);
  }

  async forget(nowMs: number): Promise<void> {
    const { incidentRetentionMs } = this.#settings;
    await this.#incidents.removeOld(incidentRetentionMs, nowMs);
    const windows = await this.#incidents.windows(incidentRetentionMs, nowMs);
    const incidents = { windows, uncut: this.#uncut };
    const { segments, outbox } = this.#store;
    const { gone, toCut } = expired(segments, this.#settings, incidents, nowMs, outbox);
    this.#toCut = { files: toCut, windows };
    this.#outbox.count(new Set([...gone, ...toCut]), this.#store, this.#settings);
    await this.#store.drop(gone, nowMs);
    const lost = [...gone].filter((file) => this.#uncut.has(file));
    this.#uncut.clear();
    if (lost.length === 0) return;
    const [first] = lost;
    this.#say(
      `${lost.length} files such as ${first} had to go with their incidents: these could not be cut out, and --retention-bytes leaves no more room`,
    );
  }
}

import type { ToCut } from '../merging/merge_plan.ts';
import { KnownIncidents } from '../segments/known_incidents.ts';
import { expired } from '../segments/retention.ts';
import type { HistorySettings } from '../segments/settings.ts';
import type { Store } from '../segments/store.ts';

/** Forgets what is too old or takes too much room, and says of what something has to be cut out first. */
export class Forgetting {
  readonly #settings: HistorySettings;
  readonly #store: Store;
  readonly #say: (message: string) => void;
  readonly #incidents: KnownIncidents;
  readonly #uncut = new Set<string>();
  #toCut: ToCut = { files: new Set(), windows: [] };

  /** @param say tells the user what was found and done */
  constructor(settings: HistorySettings, store: Store, say: (message: string) => void) {
    this.#settings = settings;
    this.#store = store;
    this.#say = say;
    this.#incidents = new KnownIncidents(settings.dataDir, Date.now(), say);
  }

  get toCut(): ToCut {
    return this.#toCut;
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
    const { gone, toCut } = expired(this.#store.segments, this.#settings, incidents, nowMs);
    this.#toCut = { files: toCut, windows };
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

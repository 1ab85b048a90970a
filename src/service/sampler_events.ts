import { NoteFile } from '../incidents/note_file.ts';
import { EVENTS_FILE } from '../model/incidents/incident.ts';

/** Keeps what befalls the sampler (table `sampler_event`), in order and in the background. */
export class SamplerEvents {
  readonly #file: NoteFile;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string) {
    this.#file = new NoteFile(dataDir, EVENTS_FILE);
  }

  note(text: string): void {
    const event = { timestamp: new Date().toISOString(), text };
    this.#writing = this.#writing.then(() =>
      // Where the disk is full, history says so.
      this.#file.mark(event).catch(() => {}),
    );
  }

  /** Resolves when what there is has been written, or could not be. */
  settled(): Promise<void> {
    return this.#writing;
  }
}

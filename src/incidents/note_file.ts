import { statSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../base/errors.ts';
import { INCIDENTS_FOLDER, type Mark } from '../model/incidents/incident.ts';
import { appendLine } from './line_file.ts';

/** Some hundred thousand notes: more were not made by people. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Notes on disk: a file of lines of JSON. */
export class NoteFile {
  readonly #folder: string;
  readonly #name: string;

  /** @param name of the file among those of incidents */
  constructor(dataDir: string, name: string) {
    this.#folder = join(dataDir, INCIDENTS_FOLDER);
    this.#name = name;
  }

  /** Resolves when the note will last. @throws HzstatError HISTORY_UNAVAILABLE */
  async mark(mark: Mark): Promise<void> {
    const path = join(this.#folder, this.#name);
    try {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MOST_BYTES) throw new Error('it is full');
      await appendLine(path, mark);
    } catch (cause) {
      const message = `it could not be kept in ${path}: ${errorMessage(cause)}`;
      throw new HzstatError('HISTORY_UNAVAILABLE', message, { cause });
    }
  }
}

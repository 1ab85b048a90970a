import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { systemErrorCode } from '../../base/errors.ts';
import { makeDirectory, publishFile, removeFile, TEMPORARY_SUFFIX } from '../../history/segments/files.ts';
import { sha256Of } from './content_hash.ts';
import type { Pacer } from './pacer.ts';
import type { FileToPut, Outcome, Target } from './target.ts';

/** Others are to read the lake, as far as the umask lets them. */
const DIRECTORY_MODE = 0o777;

/** A lake in a directory, which may be on another machine's disk. */
export class DirectoryTarget implements Target {
  readonly #directory: string;
  readonly #pacer: Pacer;

  constructor(directory: string, pacer: Pacer) {
    this.#directory = directory;
    this.#pacer = pacer;
  }

  async put(path: string, { source, sha256 }: FileToPut): Promise<Outcome> {
    const place = join(this.#directory, path);
    if (existsSync(place)) return (await sha256Of(place)) === sha256 ? 'there' : 'taken';
    makeDirectory(dirname(place), DIRECTORY_MODE);
    // By its content, so that an upload that was cut off is written over by the next, and by no other.
    const temporary = hidden(place, sha256.slice(0, 12));
    try {
      await pipeline(this.#pacer.read(source), createWriteStream(temporary));
      await publishFile(temporary, place);
    } catch (error) {
      // A disk that is full needs the room.
      removeFile(temporary);
      throw error;
    }
    return 'put';
  }

  async read(path: string): Promise<string | undefined> {
    try {
      return readFileSync(join(this.#directory, path), 'utf8');
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(path: string, text: string): Promise<void> {
    const place = join(this.#directory, path);
    makeDirectory(dirname(place), DIRECTORY_MODE);
    const temporary = hidden(place, 'new');
    writeFileSync(temporary, text);
    await publishFile(temporary, place);
  }
}

/** What a file is called until it is whole: no pattern of any reader finds it. */
function hidden(place: string, mark: string): string {
  return join(dirname(place), `.${basename(place)}.${mark}${TEMPORARY_SUFFIX}`);
}

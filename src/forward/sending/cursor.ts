import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, TEMPORARY_SUFFIX } from '../../history/segments/files.ts';
import type { Position } from '../reading/snapshot_source.ts';

/** How far a receiver has got: which snapshot is to be sent next, or since when, where none was sent yet. */
export type Progress = (Position & { readonly unixUs: number }) | { readonly sinceUs: number };

const CURSOR_VERSION = 1;

/** Where on disk it says how far a receiver has got; one file a receiver, replaced in one step. */
export class Cursor {
  readonly #folder: string;
  readonly #path: string;
  readonly #url: string;

  constructor(dataDir: string, url: string) {
    this.#folder = join(dataDir, 'forward');
    this.#url = url;
    this.#path = join(this.#folder, `${createHash('sha256').update(url).digest('hex').slice(0, 16)}.json`);
  }

  /** Undefined where there is none that could be read. */
  read(): Progress | undefined {
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch {
      return undefined;
    }
    if (typeof content !== 'object' || content === null) return undefined;
    const values: Readonly<Record<string, unknown>> = { ...content };
    if (values.version !== CURSOR_VERSION || values.url !== this.#url) return undefined;
    const { journal, sequence, unixUs, sinceUs } = values;
    if (typeof sinceUs === 'number') return { sinceUs };
    if (typeof journal === 'string' && typeof sequence === 'number' && typeof unixUs === 'number')
      return { journal, sequence, unixUs };
    return undefined;
  }

  /** @throws the system's error when the disk refuses */
  write(progress: Progress): void {
    const temporary = `${this.#path}${TEMPORARY_SUFFIX}`;
    const content = JSON.stringify({ version: CURSOR_VERSION, url: this.#url, ...progress });
    // The data directory may have been removed, and made anew by history.
    makeDirectory(this.#folder);
    writeFileSync(temporary, `${content}\n`, { mode: 0o640, flush: true });
    renameSync(temporary, this.#path);
  }
}

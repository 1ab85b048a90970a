import type { Manifest, OutboxFile } from '../segments/manifest.ts';
import { isHeld } from '../segments/retention.ts';
import type { HistorySettings } from '../segments/settings.ts';
import type { OutboxStatus } from './messages.ts';

/** How the outbox fares: what waits there, and what had to be removed before anybody had it. */
export class OutboxCount {
  readonly #say: (message: string) => void;
  #lostFiles = 0;
  #lostBytes = 0;

  constructor(say: (message: string) => void) {
    this.#say = say;
  }

  status(outbox: readonly OutboxFile[]): OutboxStatus {
    return {
      files: outbox.length,
      bytes: outbox.reduce((sum, { bytes }) => sum + bytes, 0),
      lostFiles: this.#lostFiles,
    };
  }

  /** Counts what of these files, which are about to be removed, nobody has had yet. */
  count(
    files: ReadonlySet<string>,
    { segments, outbox }: Pick<Manifest, 'segments' | 'outbox'>,
    settings: HistorySettings,
  ): void {
    if (settings.outbox === undefined) return;
    const lost = [...outbox, ...segments.filter((segment) => isHeld(segment, settings))].filter(({ file }) =>
      files.has(file),
    );
    if (lost.length === 0) return;
    const bytes = lost.reduce((sum, segment) => sum + segment.bytes, 0);
    this.#lostFiles += lost.length;
    this.#lostBytes += bytes;
    this.#say(
      `${lost.length} files (${bytes} bytes) of raw snapshots are removed before they were taken away: --retention-bytes leaves no room for them (${this.#lostFiles} files, ${this.#lostBytes} bytes since the start)`,
    );
  }
}

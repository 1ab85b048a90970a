import { systemErrorCode } from '../../base/errors.ts';
import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { hasHad, type Position } from '../../records/position.ts';
import type { LayoutMemory } from '../../wire/records/records_reader.ts';
import { SnapshotReader } from '../../wire/snapshot_reader.ts';
import { framesIn } from './journal.ts';
import type { JournalFile } from './journal_file.ts';

/** A snapshot read back from a journal. */
export interface RecordedSnapshot {
  readonly snapshot: PackedSnapshot;
  /** Whether this process made it, so that its sequence number goes with those of the live stream. */
  readonly own: boolean;
}

/** The snapshots of these journals behind a position, oldest first, some at a time. */
export async function* snapshotsAfter(
  journals: readonly JournalFile[],
  position: Position,
  journalMs: number,
): AsyncGenerator<RecordedSnapshot[]> {
  const memory: LayoutMemory = new Map();
  for (const journal of await journalsAfter(journals, position, journalMs)) {
    const reader = new SnapshotReader(memory);
    for await (const frames of framesOf(journal)) {
      const wanted: RecordedSnapshot[] = [];
      for (const frame of frames) {
        const header = reader.header(frame);
        if (header === undefined || hasHad(position, header)) continue;
        const snapshot = reader.snapshot();
        if (snapshot !== undefined) wanted.push({ snapshot, own: journal.own });
      }
      if (wanted.length > 0) yield wanted;
    }
  }
}

/** Leaves out the journals that lie before the position as a whole. */
async function journalsAfter(
  journals: readonly JournalFile[],
  position: Position,
  journalMs: number,
): Promise<JournalFile[]> {
  if ('timestamp' in position) {
    const fromMs = Date.parse(position.timestamp);
    return journals.filter((journal) => journal.fromMs + journalMs > fromMs);
  }
  const needed: JournalFile[] = [];
  for (const journal of journals.filter(({ own }) => own).reverse()) {
    needed.unshift(journal);
    const first = await firstSequence(journal);
    if (first !== undefined && first <= position.sequence + 1) break;
  }
  return needed;
}

async function firstSequence(journal: JournalFile): Promise<number | undefined> {
  const reader = new SnapshotReader();
  for await (const frames of framesOf(journal)) {
    for (const frame of frames) {
      const header = reader.header(frame);
      if (header !== undefined) return header.sequence;
    }
  }
  return undefined;
}

/** A journal may move or be forgotten while it is being looked for; what is gone is left out. */
async function* framesOf({ path, elsewhere, bytes }: JournalFile): AsyncGenerator<Uint8Array[]> {
  for (const place of [path, elsewhere]) {
    try {
      yield* framesIn(place, bytes);
      return;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
}

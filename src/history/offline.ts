import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../shared/errors.ts';
import { readJournal } from './journal.ts';
import { snapshotsIn } from './journal_snapshots.ts';
import { type Manifest, manifestPath, readManifest, type Segment } from './manifest.ts';
import type { QueryAnswer, QueryFormat } from './query_messages.ts';
import { DamagedSegments, QueryPool } from './query_pool.ts';
import { Sealer } from './sealer.ts';

/**
 * Answers a question from a data directory nobody records to: from its segments, and from journals that were
 * left. The directory is only read.
 *
 * @throws HzstatError BAD_DATA_DIR, and QUERY_* as a running server does
 */
export async function queryOffline(
  dataDir: string,
  sql: string,
  format: QueryFormat,
  onDamaged: (files: readonly string[]) => void = () => {},
): Promise<QueryAnswer> {
  const { segments, sealedJournals } = requireManifest(dataDir);
  const temporary = mkdtempSync(join(tmpdir(), 'hzstat-offline-'));
  const pool = new QueryPool();
  try {
    const left = await sealLeftJournals(dataDir, temporary, new Set(sealedJournals));
    const all = [...segments, ...left];
    const ask = (from: readonly Segment[]): Promise<QueryAnswer> =>
      pool.ask(async () => ({ sql, format, dataDir, segments: from, moreDirs: [temporary] }));
    return await ask(all).catch((error: unknown) => {
      if (!(error instanceof DamagedSegments)) throw error;
      onDamaged(error.files);
      return ask(all.filter(({ file }) => !error.files.includes(file)));
    });
  } finally {
    pool.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}

function requireManifest(dataDir: string): Manifest {
  let manifest: Manifest | undefined;
  try {
    readdirSync(join(dataDir, 'journal'));
    manifest = readManifest(manifestPath(dataDir));
  } catch (cause) {
    const message = `there is no history in ${dataDir} (${errorMessage(cause)}): give the --data-dir hzstat recorded to`;
    throw new HzstatError('BAD_DATA_DIR', message, { cause });
  }
  if (manifest !== undefined) return manifest;
  throw new HzstatError(
    'BAD_DATA_DIR',
    `${manifestPath(dataDir)} is damaged; "hzstat serve" mends it when it starts`,
  );
}

async function sealLeftJournals(
  dataDir: string,
  temporary: string,
  sealed: ReadonlySet<string>,
): Promise<Segment[]> {
  const sealer = new Sealer();
  const segments: Segment[] = [];
  for (const name of readdirSync(join(dataDir, 'journal'))) {
    if (!name.endsWith('.hzj') || sealed.has(name)) continue;
    const { frames } = readJournal(join(dataDir, 'journal', name));
    const stem = `m-${name.replace(/\.hzj$/, '')}`;
    segments.push(...(await sealer.seal(temporary, stem, snapshotsIn(frames))));
  }
  sealer.close();
  return segments.map((segment) => ({ ...segment, file: join(temporary, segment.file) }));
}

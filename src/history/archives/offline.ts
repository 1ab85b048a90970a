import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../../base/errors.ts';
import { SealingProcess } from '../sealing/sealing_process.ts';
import {
  EMPTY_MANIFEST,
  type Manifest,
  manifestPath,
  readManifest,
  type Segment,
} from '../segments/manifest.ts';
import { reconcile } from '../segments/reconciliation.ts';
import { Archive } from './archive.ts';

/**
 * History nobody records to at the moment: its segments, and journals that were left. The directory is only read.
 */
export class OfflineHistory extends Archive {
  /** Removes what is temporary. */
  readonly #tidy: () => void;

  /**
   * @param onDamaged is told which files were left out because they cannot be read
   * @throws HzstatError BAD_DATA_DIR
   */
  static async open(
    dataDir: string,
    onDamaged: (files: readonly string[]) => void = () => {},
  ): Promise<OfflineHistory> {
    const sealing = new SealingProcess();
    const temporary = mkdtempSync(join(tmpdir(), 'hzstat-offline-'));
    // A reader that has seen enough ends this process in the middle.
    const tidy = (): void => {
      process.off('exit', tidy);
      sealing.close();
      rmSync(temporary, { recursive: true, force: true });
    };
    process.once('exit', tidy);
    try {
      const { segments, sealedJournals } = await inventory(dataDir, sealing);
      const left = await sealLeftJournals(dataDir, temporary, new Set(sealedJournals), sealing);
      return new OfflineHistory(dataDir, temporary, [...segments, ...left], onDamaged, tidy);
    } catch (error) {
      tidy();
      throw error;
    } finally {
      sealing.close();
    }
  }

  private constructor(
    dataDir: string,
    temporary: string,
    segments: readonly Segment[],
    onDamaged: (files: readonly string[]) => void,
    tidy: () => void,
  ) {
    super({ dataDir, segments, moreDirs: [temporary] }, onDamaged);
    this.#tidy = tidy;
  }

  override close(): void {
    super.close();
    this.#tidy();
  }
}

/** What there is, also where the manifest is lost or does not list it all. The directory is only read. */
async function inventory(
  dataDir: string,
  sealing: SealingProcess,
): Promise<Pick<Manifest, 'segments' | 'sealedJournals'>> {
  let manifest: Manifest;
  try {
    readdirSync(join(dataDir, 'journal'));
    manifest = readManifest(manifestPath(dataDir)) ?? EMPTY_MANIFEST;
  } catch (cause) {
    const message = `there is no history in ${dataDir} (${errorMessage(cause)}): give the --data-dir hzstat recorded to`;
    throw new HzstatError('BAD_DATA_DIR', message, { cause });
  }
  const { segments, garbage, sealedJournals } = manifest;
  const leaving = new Set(garbage.map(({ file }) => file));
  const { adopted, replaced } = await reconcile(dataDir, segments, leaving, (sql) => sealing.count(sql));
  return {
    segments: [...segments.filter((segment) => !replaced.includes(segment)), ...adopted],
    sealedJournals,
  };
}

async function sealLeftJournals(
  dataDir: string,
  temporary: string,
  sealed: ReadonlySet<string>,
  sealing: SealingProcess,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of readdirSync(join(dataDir, 'journal'))) {
    if (!name.endsWith('.hzj') || sealed.has(name)) continue;
    const stem = `m-${name.replace(/\.hzj$/, '')}`;
    const journal = join(dataDir, 'journal', name);
    segments.push(...(await sealing.seal({ dataDir: temporary, stem, journal })).segments);
  }
  return segments.map((segment) => ({ ...segment, file: join(temporary, segment.file) }));
}

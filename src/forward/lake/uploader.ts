import { basename, join } from 'node:path';
import { systemErrorCode } from '../../base/errors.ts';
import type { OutboxFile } from '../../history/segments/manifest.ts';
import { periodIn } from '../../history/segments/outbox.ts';
import { sha256Of } from './content_hash.ts';
import { type ListedFile, withFiles } from './day_manifest.ts';
import { dateOf, dayManifestPath, lakePath } from './lake_path.ts';
import { type Target, UploadFailure } from './target.ts';
import type { FromUpload, UploadTask } from './upload_messages.ts';

/** Files of one name that hold something else: beyond this, somebody else is writing them. */
const MOST_NAMES = 100;

type Uploaded = Extract<FromUpload, { type: 'uploaded' }>;

/** A file that is in the lake. */
interface Stored {
  readonly source: string;
  readonly listed: ListedFile;
}

/**
 * Takes files to the lake, a period after the other, and lists them in the manifest of their host and day. A file
 * counts as uploaded when it is listed; one that was put there before a kill is found there and only listed.
 *
 * @param tell hears of every period that is there
 * @throws UploadFailure and the system's errors, with the rest to be tried again
 */
export async function upload(
  { host, dataDir, files }: Pick<UploadTask, 'host' | 'dataDir' | 'files'>,
  target: Target,
  tell: (uploaded: Uploaded) => void,
): Promise<void> {
  for (const period of periods(files)) {
    const stored: Stored[] = [];
    const gone: string[] = [];
    for (const file of period) {
      const one = await store(file, host, dataDir, target);
      if (one === undefined) gone.push(file.file);
      else stored.push(one);
    }
    const [first] = period;
    if (first !== undefined && stored.length > 0) await list(stored, dateOf(first.fromMs), host, target);
    tell({
      type: 'uploaded',
      files: [...stored.map(({ source }) => source), ...gone],
      count: stored.length,
      bytes: stored.reduce((sum, { listed }) => sum + listed.bytes, 0),
    });
  }
}

/** Files that follow one another and begin at the same time. */
function periods(files: readonly OutboxFile[]): OutboxFile[][] {
  const found: OutboxFile[][] = [];
  for (const file of files) {
    const last = found.at(-1);
    if (last?.[0]?.fromMs === file.fromMs) last.push(file);
    else found.push([file]);
  }
  return found;
}

/** Puts a file there under the first name that is free; undefined where it was removed here meanwhile. */
async function store(
  { file, table, fromMs, toMs, rows, bytes }: OutboxFile,
  host: string,
  dataDir: string,
  target: Target,
): Promise<Stored | undefined> {
  const source = join(dataDir, file);
  let sha256: string;
  try {
    sha256 = await sha256Of(source);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const name = basename(file, '.parquet');
  // What distinguishes it here is that something else waited beside it; there it may be the only one.
  const base = periodIn(name) === undefined ? name : name.replace(/\.\d+$/, '');
  for (let count = 1; count <= MOST_NAMES; count++) {
    const stem = count === 1 ? base : `${base}.${count}`;
    const path = lakePath({ table, host, fromMs }, stem);
    const outcome = await target.put(path, { source, bytes, sha256 });
    if (outcome === 'taken') continue;
    const from = new Date(fromMs).toISOString();
    const to = new Date(toMs).toISOString();
    return { source: file, listed: { table, file: path, from, to, rows, bytes, sha256 } };
  }
  const path = lakePath({ table, host, fromMs }, base);
  throw new UploadFailure(
    `${MOST_NAMES} files are called ${path}: do several hosts bear the label host=${host}?`,
  );
}

async function list(stored: readonly Stored[], date: string, host: string, target: Target): Promise<void> {
  const path = dayManifestPath(date, host);
  const before = await target.read(path);
  const text = withFiles(
    before,
    date,
    host,
    stored.map(({ listed }) => listed),
  );
  if (text !== before) await target.write(path, text);
}

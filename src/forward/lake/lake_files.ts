import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage, HzstatError } from '../../base/errors.ts';
import { Archive } from '../../history/archives/archive.ts';
import type { Segment } from '../../history/segments/manifest.ts';
import { readLakePath } from './lake_path.ts';

/** Who asks a lake does so on a machine of his own, and of many hosts. */
const LIMITS = { timeoutMs: 10 * 60_000, memoryMb: 2_000 };

/** Of a table, a day and a host, from the outside in. */
const PARTITIONS = ['table=', 'date=', 'host='];

/**
 * A lake in a directory, to be asked in SQL: the tables of history with the rows of all hosts and a column `host`.
 *
 * @param onDamaged is told which files were left out because they cannot be read
 * @throws HzstatError BAD_DATA_DIR
 */
export function openLake(directory: string, onDamaged: (files: readonly string[]) => void): Archive {
  const segments = filesIn(directory);
  if (segments.length > 0)
    return new Archive(
      { dataDir: directory, moreDirs: [directory], segments, ofHosts: true },
      onDamaged,
      LIMITS,
    );
  throw new HzstatError(
    'BAD_DATA_DIR',
    `there is no lake in ${directory}, or none with files in it yet: give the directory of "hzstat serve --lake"`,
  );
}

/** All files, with what their names say is in them: only those of the times asked for are opened. */
function filesIn(directory: string): Segment[] {
  const folders = PARTITIONS.reduce(
    (outer, beginning) =>
      outer.flatMap((folder) =>
        namesIn(directory, folder)
          .filter((name) => name.startsWith(beginning))
          .map((name) => join(folder, name)),
      ),
    [''],
  );
  return folders.flatMap((folder) =>
    namesIn(directory, folder).flatMap((name): Segment[] => {
      const file = join(folder, name);
      const path = readLakePath(file);
      // The last millisecond of a segment is still of it.
      return path === undefined
        ? []
        : [{ ...path, file, level: 'minute', toMs: path.toMs - 1, rows: 0, bytes: 0 }];
    }),
  );
}

function namesIn(directory: string, folder: string): string[] {
  try {
    return readdirSync(join(directory, folder));
  } catch (cause) {
    const message = `the lake in ${directory} cannot be read: ${errorMessage(cause)}`;
    throw new HzstatError('BAD_DATA_DIR', message, { cause });
  }
}

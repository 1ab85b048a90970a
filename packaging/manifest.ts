import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { ROOT } from './paths.ts';

interface Manifest {
  readonly version: string;
  readonly description: string;
}

function readManifest(): Manifest {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (
    typeof manifest !== 'object' ||
    manifest === null ||
    !('version' in manifest && typeof manifest.version === 'string') ||
    !('description' in manifest && typeof manifest.description === 'string')
  ) {
    throw new Error('package.json has no version or no description');
  }
  return { version: manifest.version, description: manifest.description };
}

export const { version: VERSION, description: DESCRIPTION } = readManifest();

/** Seconds since 1970 that every packaged file bears, so that one commit makes the same package twice. */
export const SOURCE_DATE_EPOCH = process.env.SOURCE_DATE_EPOCH ?? String(committedSeconds());

/** The time of the commit; of the manifest where the checkout is no repository. */
function committedSeconds(): number {
  try {
    return Number(run('git', ['log', '-1', '--format=%ct'], { cwd: ROOT }));
  } catch {
    return Math.floor(statSync(join(ROOT, 'package.json')).mtimeMs / 1000);
  }
}

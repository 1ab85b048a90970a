import { chmodSync, copyFileSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { installApplication } from './application.ts';
import { binariesIn, isNewer, type Needs, needsOf } from './elf.ts';
import { FILES, ROOT } from './paths.ts';
import { installRuntime } from './runtime.ts';
import { writeTexts } from './texts.ts';

/** The oldest C library that Node itself runs with: nothing that goes along may ask for a newer one. */
const OLDEST_GLIBC = '2.28';
const LIBATOMIC = '/usr/lib/x86_64-linux-gnu/libatomic.so.1';
const LIBATOMIC_LICENSE = '/usr/share/doc/libatomic1/copyright';

/**
 * Makes what both packages hold below a prefix: `bin/hzstat`, `lib/hzstat` with Node and the application, and
 * `share` with documentation and completions.
 *
 * @returns what its binaries ask of the host
 * @throws Error when they ask for more than the packages promise
 */
export function makeTree(prefix: string): Needs {
  const documentation = join(prefix, 'share/doc/hzstat');
  installRuntime(join(prefix, 'lib/hzstat'), documentation);
  installApplication(join(prefix, 'lib/hzstat/app'));
  mkdirSync(join(prefix, 'bin'));
  copyFileSync(join(FILES, 'hzstat.sh'), join(prefix, 'bin/hzstat'));
  chmodSync(join(prefix, 'bin/hzstat'), 0o755);
  writeTexts(prefix);
  for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md']) {
    copyFileSync(join(ROOT, name), join(documentation, name));
  }
  const needs = needsOf(binariesIn(prefix).map((path) => join(prefix, path)));
  const glibc = needs.versions.get('GLIBC');
  if (isNewer(glibc ?? OLDEST_GLIBC, OLDEST_GLIBC)) {
    throw new Error(`a binary asks for glibc ${glibc}, and the packages are for ${OLDEST_GLIBC} and later`);
  }
  return needs;
}

/** Adds the one library that Node asks for and that hosts without a compiler often lack. */
export function addFallback(prefix: string): void {
  const directory = join(prefix, 'lib/hzstat/fallback');
  mkdirSync(directory);
  copyFileSync(realpathSync(LIBATOMIC), join(directory, 'libatomic.so.1'));
  copyFileSync(realpathSync(LIBATOMIC_LICENSE), join(prefix, 'share/doc/hzstat/LICENSE.libatomic'));
  const glibc = needsOf([join(directory, 'libatomic.so.1')]).versions.get('GLIBC');
  if (isNewer(glibc ?? OLDEST_GLIBC, OLDEST_GLIBC)) {
    throw new Error(
      `${LIBATOMIC} asks for glibc ${glibc}, and the packages are for ${OLDEST_GLIBC} and later`,
    );
  }
}

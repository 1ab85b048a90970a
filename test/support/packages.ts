import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { skipUnless } from './skip.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

export const TREE = `hzstat-${MANIFEST.version}-linux-x64`;
export const TARBALL = join(ROOT, `package/${TREE}.tar.gz`);
export const DEBIAN_PACKAGE = join(ROOT, `package/hzstat_${MANIFEST.version}_amd64.deb`);

/** For `describe.skipIf`: true, with the reason printed, until `npm run package` has made them. */
export const withoutPackages = skipUnless(
  'what npm run package makes',
  existsSync(TARBALL) && existsSync(DEBIAN_PACKAGE),
);

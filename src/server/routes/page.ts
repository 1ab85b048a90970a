import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { Router } from './router.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** The dashboard: each of its files, read once, is a route of its own, so that no request names a path on the disk. */
export function addPage(
  router: Router,
  isGuarded: boolean,
  directory = dirname(createRequire(import.meta.url).resolve('#dashboard')),
): void {
  for (const name of readdirSync(directory)) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    const file = readFileSync(join(directory, name));
    const body = isGuarded && name === 'index.html' ? guarded(file) : file;
    router.get(name === 'index.html' ? '/' : `/${name}`, (reply) => reply.send(200, contentType, body));
  }
}

/** The page, told that there is a session to end. */
function guarded(page: Buffer): Buffer {
  return Buffer.from(page.toString('utf8').replace('<html lang="en">', '<html lang="en" data-guarded>'));
}

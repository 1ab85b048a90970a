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
  directory = dirname(createRequire(import.meta.url).resolve('#dashboard')),
): void {
  for (const name of readdirSync(directory)) {
    const contentType = CONTENT_TYPES[extname(name)];
    if (contentType === undefined) continue;
    const body = readFileSync(join(directory, name));
    router.get(name === 'index.html' ? '/' : `/${name}`, (reply) => reply.send(200, contentType, body));
  }
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { run } from './command.ts';
import { ROOT } from './paths.ts';

const MAIN = join(ROOT, 'dist/src/cli/main.js');

/** Where systems look for a text, below a prefix such as /usr, and the name `hzstat print` has for it. */
const PLACES = {
  'share/bash-completion/completions/hzstat': 'bash-completion',
  'share/zsh/vendor-completions/_hzstat': 'zsh-completion',
  'share/fish/vendor_completions.d/hzstat.fish': 'fish-completion',
} as const;

/** Writes the manual page and the completions of three shells, as the program itself makes them of its flags. */
export function writeTexts(prefix: string): void {
  // Without a time in it, so that the same text gives the same bytes.
  write(join(prefix, 'share/man/man1/hzstat.1.gz'), gzipSync(printed('man-page'), { level: 9 }));
  for (const [place, name] of Object.entries(PLACES)) write(join(prefix, place), printed(name));
}

/** Writes the configuration with every option in it, each behind a comment sign. */
export function writeSampleConfig(path: string): void {
  write(path, printed('sample-config'));
}

function printed(name: string): string {
  return run(process.execPath, [MAIN, 'print', name]);
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { skipUnless } from './skip.ts';

const LIBRARY_DIRECTORIES = ['/usr/lib/x86_64-linux-gnu', '/lib/x86_64-linux-gnu', '/usr/lib64', '/lib64'];
const LOADER = '/lib64/ld-linux-x86-64.so.2';
/** glibc, and what every host has that runs programs in C++. */
const LIBRARIES = [
  ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1'],
  ...['libstdc++.so.6', 'libgcc_s.so.1'],
];
/** Belongs to nobody on any system. */
const NOBODY = 65_534;

/** For `describe.skipIf`: true, with the reason printed, where roots cannot be changed. */
export const withoutChroot = skipUnless(
  'root, who may mount and change root',
  process.geteuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0,
);

/**
 * A root with nothing in it but glibc, the libraries of C++, a shell, /proc and /dev/null: no Node, no npm, no
 * libatomic. Commands run in it as an ordinary user.
 */
export class EmptyRoot {
  readonly path = mkdtempSync(join(tmpdir(), 'hzstat-root-'));

  constructor() {
    for (const directory of [
      'bin',
      'lib64',
      'usr/lib/x86_64-linux-gnu',
      'proc',
      'dev',
      'etc',
      'tmp',
      'opt',
    ]) {
      mkdirSync(join(this.path, directory), { recursive: true });
    }
    chmodSync(this.path, 0o755);
    chmodSync(join(this.path, 'tmp'), 0o1777);
    writeFileSync(join(this.path, 'dev/null'), '');
    this.#copy(LOADER, LOADER);
    this.#copy('/bin/sh', '/bin/sh');
    for (const name of LIBRARIES) this.#copy(find(name), join('/usr/lib/x86_64-linux-gnu', name));
  }

  /** The words that run a command in this root, as nobody. They end as one process, the command's. */
  words(...command: string[]): [string, ...string[]] {
    const script = [
      'mount -t proc proc "$0/proc"',
      'mount --bind /dev/null "$0/dev/null"',
      `exec chroot --userspec=${NOBODY}:${NOBODY} "$0" "$@"`,
    ];
    const environment = [`PATH=${process.env.PATH}`, 'HOME=/tmp', 'LC_ALL=C.UTF-8', 'TERM=xterm-256color'];
    const namespace = ['unshare', '--mount', '--propagation', 'private'];
    return [
      'env',
      ...['--ignore-environment', ...environment],
      ...[...namespace, 'sh', '-c', script.join(' && '), this.path],
      ...command,
    ];
  }

  /** Runs a command to its end. */
  run(...command: string[]): { status: number | null; stdout: string; stderr: string } {
    const [program, ...args] = this.words(...command);
    return spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
  }

  spawn(...command: string[]): ChildProcess {
    const [program, ...args] = this.words(...command);
    return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #copy(from: string, to: string): void {
    mkdirSync(join(this.path, dirname(to)), { recursive: true });
    copyFileSync(realpathSync(from), join(this.path, to));
    chmodSync(join(this.path, to), 0o755);
  }
}

function find(library: string): string {
  const directory = LIBRARY_DIRECTORIES.find((candidate) => existsSync(join(candidate, library)));
  if (directory === undefined) throw new Error(`this host has no ${basename(library)}`);
  return join(directory, library);
}

import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { requirePrograms, run } from './command.ts';
import { packDebian } from './debian.ts';
import { VERSION } from './manifest.ts';
import { OUTPUT } from './paths.ts';
import { packTarball } from './tarball.ts';
import { writeSampleConfig } from './texts.ts';
import { addFallback, makeTree } from './tree.ts';

const MEGABYTE = 1e6;
const TREE = `hzstat-${VERSION}-linux-x64`;
const TARBALL = join(OUTPUT, `${TREE}.tar.gz`);
const DEBIAN = join(OUTPUT, `hzstat_${VERSION}_amd64.deb`);

/** Makes the packages for servers: one to unpack anywhere, one for Debian and its like. */
function main(): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `packages are made for linux-x64 on linux-x64, and this is ${process.platform}-${process.arch}`,
    );
  }
  requirePrograms({
    strip: 'binutils',
    objdump: 'binutils',
    'dpkg-deb': 'dpkg',
    tar: 'tar',
    gzip: 'gzip',
    xz: 'xz-utils',
  });
  const scratch = mkdtempSync(join(tmpdir(), 'hzstat-package-'));
  try {
    rmSync(OUTPUT, { recursive: true, force: true });
    mkdirSync(OUTPUT);
    const tree = join(scratch, TREE);
    const needs = makeTree(tree);
    const debian = join(scratch, 'debian');
    mkdirSync(debian);
    cpSync(tree, join(debian, 'usr'), { recursive: true });
    packDebian(debian, needs, DEBIAN);
    addFallback(tree);
    writeSampleConfig(join(tree, 'etc/hzstat.toml'));
    packTarball(tree, TARBALL);
    for (const [made, unpacked] of [
      [TARBALL, tree],
      [DEBIAN, debian],
    ] as const)
      report(made, unpacked);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function report(path: string, unpacked: string): void {
  const installed = Number(
    run('du', ['--summarize', '--block-size=1', '--exclude=DEBIAN', unpacked]).split('\t')[0],
  );
  const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(1);
  process.stdout.write(
    `package/${basename(path)}: ${megabytes(statSync(path).size)} MB, installed ${megabytes(installed)} MB\n`,
  );
}

main();

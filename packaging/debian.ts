import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import type { Needs } from './elf.ts';
import { DESCRIPTION, SOURCE_DATE_EPOCH, VERSION } from './manifest.ts';
import { FILES } from './paths.ts';
import { writeSampleConfig } from './texts.ts';

const CONFIGURATION = 'etc/hzstat/hzstat.toml';
/** The Debian package of every library that binaries may ask for. */
const PACKAGE_OF_LIBRARY: Readonly<Record<string, string>> = {
  'ld-linux-x86-64.so.2': 'libc6',
  'libc.so.6': 'libc6',
  'libdl.so.2': 'libc6',
  'libm.so.6': 'libc6',
  'libpthread.so.0': 'libc6',
  'librt.so.1': 'libc6',
  'libatomic.so.1': 'libatomic1',
  'libgcc_s.so.1': 'libgcc-s1 | libgcc1',
  'libstdc++.so.6': 'libstdc++6',
};
/** The first GCC with the newest symbols of its C++ library that are asked for. */
const GCC_OF_GLIBCXX: Readonly<Record<string, string>> = {
  '3.4.21': '5',
  '3.4.22': '6',
  '3.4.23': '7',
  '3.4.25': '8',
};
/** They come along. */
const OWN_LIBRARIES: ReadonlySet<string> = new Set(['libduckdb.so']);

/**
 * Makes a Debian package of a tree.
 *
 * @param root a directory to be filled, with the tree in its `usr`
 */
export function packDebian(root: string, needs: Needs, deb: string): void {
  const control = join(root, 'DEBIAN');
  mkdirSync(control);
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(join(FILES, script), join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  const documentation = join(root, 'usr/share/doc/hzstat');
  copyFileSync(join(FILES, 'copyright'), join(documentation, 'copyright'));
  mkdirSync(join(root, 'usr/lib/systemd/system'), { recursive: true });
  copyFileSync(join(FILES, 'hzstat.service'), join(root, 'usr/lib/systemd/system/hzstat.service'));
  writeSampleConfig(join(root, CONFIGURATION));
  writeFileSync(join(control, 'conffiles'), `/${CONFIGURATION}\n`);
  run('chmod', ['-R', 'u+rwX,go+rX,go-w', root]);
  writeFileSync(join(control, 'md5sums'), checksums(root));
  writeFileSync(join(control, 'control'), controlFile(root, needs));
  // gzip would take a fifth more to download, and zstd is nothing the dpkg of Debian 11 can read.
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, deb], {
    env: { ...process.env, SOURCE_DATE_EPOCH },
  });
}

function checksums(root: string): string {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter((path) => !path.startsWith('DEBIAN/') && !path.startsWith('etc/'));
  return run('md5sum', files.sort(), { cwd: root });
}

function controlFile(root: string, needs: Needs): string {
  const installedKb = run('du', ['--summarize', '--block-size=1024', '--exclude=DEBIAN', root]).split(
    '\t',
  )[0];
  return `Package: hzstat
Version: ${VERSION}
Architecture: amd64
Maintainer: The hzstat developers <hzstat@localhost>
Installed-Size: ${installedKb}
Depends: ${dependencies(needs).join(', ')}
Suggests: linux-perf
Section: admin
Priority: optional
Description: ${DESCRIPTION}
 It samples CPU, memory, network, disk, paging and performance events up to a
 thousand times a second, streams them over WebSocket, draws them in a browser
 and a terminal, and records them for SQL.
 .
 Node and DuckDB come along.
`;
}

/** What the package depends on, of the oldest versions that have all symbols its binaries ask for. */
function dependencies({ libraries, versions }: Needs): string[] {
  const found = new Set(libraries.filter((name) => !OWN_LIBRARIES.has(name)).map(packageOf));
  const gcc = GCC_OF_GLIBCXX[versions.get('GLIBCXX') ?? ''];
  if (gcc === undefined) throw new Error(`no GCC is known to have GLIBCXX_${versions.get('GLIBCXX')}`);
  const oldest: Readonly<Record<string, string | undefined>> = {
    libc6: versions.get('GLIBC'),
    'libstdc++6': gcc,
  };
  // useradd, getent and what enables the unit.
  const scripts = ['passwd', 'init-system-helpers'];
  return [
    ...[...found].sort().map((name) => (oldest[name] === undefined ? name : `${name} (>= ${oldest[name]})`)),
    ...scripts,
  ];
}

function packageOf(library: string): string {
  const name = PACKAGE_OF_LIBRARY[library];
  if (name === undefined) throw new Error(`no Debian package is known to have ${library}`);
  return name;
}

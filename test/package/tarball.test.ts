import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { binariesIn } from '../../packaging/elf.ts';
import { diskBytes } from '../support/disk_bytes.ts';
import { EmptyRoot, withoutChroot } from '../support/empty_root.ts';
import { listening } from '../support/listening.ts';
import { TARBALL, TREE, withoutPackages } from '../support/packages.ts';
import { TestTerminal, withoutTmux } from '../support/tmux.ts';

const MOST_INSTALLED_BYTES = 220e6;
const HZSTAT = `/opt/${TREE}/bin/hzstat`;

describe.skipIf(withoutPackages || withoutChroot)('the tarball, unpacked in an empty root', () => {
  let root: EmptyRoot;
  let tree = '';

  beforeAll(() => {
    root = new EmptyRoot();
    execFileSync('tar', [
      '--extract',
      '--no-same-owner',
      `--file=${TARBALL}`,
      `--directory=${join(root.path, 'opt')}`,
    ]);
    tree = join(root.path, 'opt', TREE);
  });
  afterAll(() => root.remove());

  test('has the binaries of this platform, and none besides', () => {
    expect(binariesIn(tree)).toEqual([
      'lib/hzstat/app/node_modules/@duckdb/node-bindings-linux-x64/duckdb.node',
      'lib/hzstat/app/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so',
      'lib/hzstat/app/node_modules/@napi-rs/nice-linux-x64-gnu/nice.linux-x64-gnu.node',
      'lib/hzstat/fallback/libatomic.so.1',
      'lib/hzstat/node',
    ]);
  });

  test('takes no more room than promised', () => {
    expect(diskBytes(tree)).toBeLessThan(MOST_INSTALLED_BYTES);
  });

  test('takes a snapshot as an ordinary user', () => {
    const { status, stdout, stderr } = root.run(HZSTAT, 'snapshot');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'snapshot', cpu: {}, memory: {}, network: {} });
  });

  test('ends with 2 and one line for a flag there is not', () => {
    const { status, stderr } = root.run(HZSTAT, 'serve', '--no-such-flag');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^hzstat: .*--no-such-flag.*\n$/);
  });

  test('is found through a link to it', () => {
    mkdirSync(join(root.path, 'usr/bin'), { recursive: true });
    // A shell alone cannot read a link; hosts that have links have what reads them.
    execFileSync('ln', ['-s', join(tree, 'bin/hzstat'), join(root.path, 'usr/bin/hzstat')]);
    expect(execFileSync(join(root.path, 'usr/bin/hzstat'), ['--version'], { encoding: 'utf8' })).toMatch(
      /^\d+\.\d+/,
    );
  });

  test('serves, streams, answers SQL and draws, and ends at once', async () => {
    const server = root.spawn(HZSTAT, 'serve', '--listen', '127.0.0.1:0', '--data-dir', '/tmp/history');
    const exited = once(server, 'exit');
    let said: readonly string[] = [];
    try {
      const { url, lines } = await listening(server);
      said = lines;
      const streamed = root.run(HZSTAT, 'stream', '--url', url, '--count', '20');
      expect({ status: streamed.status, stderr: streamed.stderr }).toEqual({ status: 0, stderr: '' });
      const snapshots = streamed.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string });
      expect(snapshots.map(({ type }) => type)).toEqual(Array.from({ length: 20 }, () => 'snapshot'));

      const answer = root.run(
        HZSTAT,
        'query',
        '--url',
        url,
        '--format',
        'json',
        'SELECT count(*) AS n FROM sampling',
      );
      expect({ status: answer.status, stderr: answer.stderr }).toEqual({ status: 0, stderr: '' });
      const { rows } = JSON.parse(answer.stdout) as { rows: [number][] };
      expect(rows[0]?.[0]).toBeGreaterThanOrEqual(20);

      const page = await fetch(url);
      expect(page.headers.get('content-type')).toMatch(/text\/html/);
      if (!withoutTmux) await draws(root, url);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
    // No warning of Node's, and nothing about what is missing here.
    expect(said.filter((line) => /warning|ExperimentalWarning|deprecat/i.test(line))).toEqual([]);
  });
});

async function draws(root: EmptyRoot, url: string): Promise<void> {
  const words = root.words(HZSTAT, 'top', '--url', url).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const terminal = new TestTerminal(words.join(' '), 100, 40);
  try {
    await terminal.until(/LIVE/);
    expect(await terminal.until(/CPU +usage/)).toMatch(/MEMORY +used/);
  } finally {
    terminal.close();
  }
}

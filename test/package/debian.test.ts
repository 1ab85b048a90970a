import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listening } from '../support/listening.ts';
import { OverlayRoot, withoutDpkg, withoutOverlay } from '../support/overlay_root.ts';
import { DEBIAN_PACKAGE, withoutPackages } from '../support/packages.ts';
import { skipUnless } from '../support/skip.ts';
import { SystemdContainer, withoutNspawn } from '../support/systemd_container.ts';

const POLL_MS = 200;
const LONGEST_START_MS = 30_000;
const UNIT = '/usr/lib/systemd/system/hzstat.service';
const CONFIGURATION = '/etc/hzstat/hzstat.toml';
const HISTORY = '/var/lib/hzstat';
const withoutSystemd = skipUnless(
  'systemd-analyze',
  spawnSync('systemd-analyze', ['--version']).status === 0,
);
/** What any package leaves: dpkg's own books and logs, and the caches of whoever was told of its files. */
const LEFT_BY_DPKG = /^(var\/(lib\/(dpkg|systemd)|log|cache)|run|tmp)(\/|$)/;
/** Lists of accounts are written again, with what was in them before. */
const ACCOUNTS = /^etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?$|^etc\/\.pwd\.lock$/;

describe.skipIf(withoutPackages || withoutOverlay || withoutDpkg)(
  'the Debian package',
  { timeout: 180_000 },
  () => {
    let host: OverlayRoot;
    const run = (...command: string[]): string => {
      const { status, stdout, stderr } = host.run(...command);
      if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stdout}${stderr}`);
      return stdout;
    };
    const exists = (path: string): boolean => host.run('test', '-e', path).status === 0;

    beforeAll(async () => {
      host = await openHost();
    });
    afterAll(() => host.close());

    // In one order, as an administrator would.
    test('is installed with what it depends on, and a second time', () => {
      for (const _ of ['first', 'again']) run('dpkg', '--force-unsafe-io', '--install', '/tmp/hzstat.deb');
      expect(run('dpkg', '--status', 'hzstat')).toContain('Status: install ok installed');
      expect(run('hzstat', '--version').trim()).toMatch(/^\d+\.\d+\.\d+$/);
      expect(run('getent', 'passwd', 'hzstat')).toMatch(/:\/var\/lib\/hzstat:\/usr\/sbin\/nologin$/m);
      expect(run('dpkg', '--verify', 'hzstat')).toBe('');
    });

    test('brings a configuration with every option behind a comment sign, a manual page and completions', () => {
      const configuration = run('cat', CONFIGURATION);
      expect(configuration.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
      expect(configuration).toContain('#interval = "100ms"');
      expect(run('cat', '/var/lib/dpkg/info/hzstat.conffiles')).toBe(`${CONFIGURATION}\n`);
      expect(run('man', '--pager=cat', 'hzstat')).toMatch(/^HZSTAT\(1\).*hzstat serve.*--interval/s);
      const completion = '. /usr/share/bash-completion/completions/hzstat && complete -p hzstat';
      expect(run('bash', '-c', completion)).toContain('hzstat');
      for (const path of ['zsh/vendor-completions/_hzstat', 'fish/vendor_completions.d/hzstat.fish']) {
        expect(run('cat', `/usr/share/${path}`)).toContain('hzstat');
      }
    });

    test('enables its unit', () => {
      expect(exists('/etc/systemd/system/multi-user.target.wants/hzstat.service')).toBe(true);
    });

    test.skipIf(withoutSystemd)('has a unit that systemd finds nothing wrong with', () => {
      const { status, stdout, stderr } = host.run('systemd-analyze', 'verify', UNIT);
      expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
      const report = run('systemd-analyze', 'security', '--offline=true', '--no-pager', UNIT);
      const exposed = /Overall exposure level for hzstat\.service: ([\d.]+)/.exec(report)?.[1];
      const documentation = readFileSync(join(import.meta.dirname, '../../docs/install.md'), 'utf8');
      const documented = /an exposure of ([\d.]+)/.exec(documentation)?.[1];
      expect(Number(exposed)).toBeLessThanOrEqual(Number(documented));
    });

    test('runs the command of its unit as its user, who keeps the history', async () => {
      const unit = run('cat', UNIT);
      const command = /^ExecStart=(.+)$/m.exec(unit)?.[1]?.split(' ') ?? [];
      const user = /^User=(.+)$/m.exec(unit)?.[1] ?? '';
      const capabilities = [...unit.matchAll(/^AmbientCapabilities=CAP_(\S+)$/gm)].map(
        ([, name = '']) => `+${name.toLowerCase()}`,
      );
      // What systemd does for StateDirectory.
      run('install', '--directory', `--owner=${user}`, `--group=${user}`, '--mode=0700', HISTORY);
      const [program, ...args] = host.words(
        'setpriv',
        ...[`--reuid=${user}`, `--regid=${user}`, '--init-groups', '--no-new-privs'],
        ...[`--inh-caps=-all,${capabilities.join(',')}`, `--ambient-caps=-all,${capabilities.join(',')}`],
        `--bounding-set=-all,${capabilities.join(',')}`,
        ...[
          'env',
          '--ignore-environment',
          'PATH=/usr/bin:/bin',
          `STATE_DIRECTORY=${HISTORY}`,
          'HZSTAT_LISTEN=127.0.0.1:0',
        ],
        ...command,
      );
      const server = spawn(program, args, { stdio: ['ignore', 'inherit', 'pipe'] });
      const exited = once(server, 'exit');
      try {
        const { url } = await listening(server);
        const { stdout } = host.run('hzstat', 'stream', '--url', url, '--count', '20');
        expect(stdout.trimEnd().split('\n')).toHaveLength(20);
        const counted = run(
          'hzstat',
          'query',
          '--url',
          url,
          '--format',
          'csv',
          'SELECT count(*) AS n FROM sampling',
        );
        expect(Number(counted.trim().split('\n')[1])).toBeGreaterThanOrEqual(20);
      } finally {
        server.kill('SIGTERM');
      }
      expect(await exited).toEqual([0, null]);
      expect(run('stat', '--format=%U', HISTORY).trim()).toBe(user);
    });

    test('is removed and leaves its configuration and the history', () => {
      run('dpkg', '--remove', 'hzstat');
      expect(exists('/usr/lib/hzstat')).toBe(false);
      expect(exists('/usr/bin/hzstat')).toBe(false);
      expect(exists(CONFIGURATION)).toBe(true);
      expect(exists(HISTORY)).toBe(true);
    });

    test('is purged and leaves nothing but the history, which is root’s then', () => {
      run('dpkg', '--purge', 'hzstat');
      const left = host.changes().filter((path) => !LEFT_BY_DPKG.test(path) && !ACCOUNTS.test(path));
      expect(left.filter((path) => !`/${path}`.startsWith(HISTORY))).toEqual([]);
      expect(run('find', HISTORY, '-name', '*.journal', '-o', '-name', '*.parquet')).not.toBe('');
      expect(run('find', HISTORY, '-not', '-user', 'root')).toBe('');
      expect(run('getent', 'passwd')).not.toContain('hzstat');
      expect(run('getent', 'group')).not.toContain('hzstat');
      expect(run('cat', '/etc/passwd')).toBe(readFileSync('/etc/passwd', 'utf8'));
    });

    test('can be purged where nothing was recorded, and then leaves nothing at all', () => {
      run('rm', '--recursive', HISTORY);
      run('dpkg', '--force-unsafe-io', '--install', '/tmp/hzstat.deb');
      run('dpkg', '--purge', 'hzstat');
      expect(exists(HISTORY)).toBe(false);
    });
  },
);

describe.skipIf(withoutPackages || withoutOverlay || withoutDpkg || withoutNspawn)(
  'the unit, started by systemd',
  () => {
    let host: OverlayRoot;
    let machine: SystemdContainer;

    beforeAll(async () => {
      host = await openHost();
      const { status, stderr } = host.run('dpkg', '--force-unsafe-io', '--install', '/tmp/hzstat.deb');
      if (status !== 0) throw new Error(stderr);
      machine = await SystemdContainer.boot(host, 'hzstat.service');
    }, 180_000);
    afterAll(async () => {
      await machine?.powerOff();
      await host?.close();
    }, 120_000);

    const property = (name: string): string =>
      machine.run('systemctl', 'show', '--value', `--property=${name}`, 'hzstat').stdout.trim();

    test('samples: its walls keep nothing from the collectors', async () => {
      const snapshots = await streamed(machine, 20);
      const { sampling, disk } = snapshots.at(-1)!;
      for (const [name, { state }] of Object.entries(sampling.collectors)) {
        if (name !== 'perf_events') expect([name, state]).toEqual([name, 'ok']);
      }
      expect(Object.keys(disk.partitions)).toContain('/');
    });

    test('has the one privilege and none besides', () => {
      const status = machine.run('cat', `/proc/${property('MainPID')}/status`).stdout;
      expect(status).toMatch(/^CapEff:\t0000004000000000$/m);
      expect(status).toMatch(/^CapBnd:\t0000004000000000$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
      expect(status).toMatch(/^Seccomp:\t2$/m);
    });

    test('answers SQL of the history it keeps in the directory systemd made', () => {
      const { stdout } = machine.run(
        'hzstat',
        'query',
        '--format',
        'csv',
        'SELECT count(*) AS n FROM sampling',
      );
      expect(Number(stdout.trim().split('\n')[1])).toBeGreaterThanOrEqual(20);
      expect(machine.run('stat', '--format=%U %a', HISTORY).stdout.trim()).toBe('hzstat 700');
    });

    test('is stopped without a complaint, and nothing of it stays', () => {
      expect(machine.run('systemctl', 'stop', 'hzstat').status).toBe(0);
      expect([property('Result'), property('ExecMainStatus')]).toEqual(['success', '0']);
      expect(machine.run('pgrep', '--uid', 'hzstat').stdout).toBe('');
    });
  },
);

interface Streamed {
  readonly sampling: { readonly collectors: Readonly<Record<string, { readonly state: string }>> };
  readonly disk: { readonly partitions: Readonly<Record<string, unknown>> };
}

/** Snapshots of the service, as soon as it listens. */
async function streamed(machine: SystemdContainer, count: number): Promise<Streamed[]> {
  const patienceEndsMs = performance.now() + LONGEST_START_MS;
  for (;;) {
    const { status, stdout, stderr } = machine.run('hzstat', 'stream', '--count', String(count));
    if (status === 0)
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Streamed);
    if (performance.now() > patienceEndsMs) {
      throw new Error(`${stderr}${machine.run('journalctl', '--no-pager', '--unit=hzstat').stdout}`);
    }
    await delay(POLL_MS);
  }
}

async function openHost(): Promise<OverlayRoot> {
  const host = await OverlayRoot.open();
  if (host === undefined) throw new Error('there was an overlay a moment ago');
  host.copyIn(DEBIAN_PACKAGE, '/tmp/hzstat.deb');
  return host;
}

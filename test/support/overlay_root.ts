import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipUnless } from './skip.ts';

/** Its commands see the host's processes and devices, whoever boots it brings their own. */
const CHANGE_ROOT = `
mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" && mount --rbind /dev "$0/dev" &&
exec chroot "$0" "$@"`;

/** Mounts a copy of this host's root whose changes are kept in memory, says so, and lasts until its stdin ends. */
const HOLD = `
mount -t tmpfs tmpfs "$0" && mkdir "$0/changes" "$0/work" "$0/root" &&
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/changes,workdir=$0/work" "$0/root" &&
echo mounted && exec cat`;

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** This host as it would be after commands that change it: the changes are seen by no one else and end with it. */
export class OverlayRoot {
  readonly #mountPoint: string;
  readonly #holder: ChildProcess;

  /** Undefined where this is not allowed or the kernel has no overlays. */
  static async open(): Promise<OverlayRoot | undefined> {
    const mountPoint = mkdtempSync(join(tmpdir(), 'hzstat-overlay-'));
    const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', HOLD, mountPoint]);
    const root = new OverlayRoot(mountPoint, holder);
    const mounted = once(holder.stdout!, 'data').then(() => true);
    const ended = once(holder, 'exit').then(() => false);
    if (await Promise.race([mounted, ended])) return root;
    await root.close();
    return undefined;
  }

  private constructor(mountPoint: string, holder: ChildProcess) {
    this.#mountPoint = mountPoint;
    this.#holder = holder;
  }

  /** Where this root is mounted, for those who see it. */
  get path(): string {
    return `${this.#mountPoint}/root`;
  }

  get #mountNamespace(): string {
    return `--mount=/proc/${this.#holder.pid}/ns/mnt`;
  }

  /** The words that run a command as root in this root. They end as one process, the command's. */
  words(...command: string[]): [string, ...string[]] {
    const namespace = ['unshare', '--mount', '--propagation', 'private'];
    return this.wordsOutside(...namespace, 'sh', '-c', CHANGE_ROOT, this.path, ...command);
  }

  /** The words that run a command of this host which sees this root, at `path`. */
  wordsOutside(...command: string[]): [string, ...string[]] {
    return ['nsenter', this.#mountNamespace, ...command];
  }

  run(...command: string[]): Ran {
    const [program, ...args] = this.words(...command);
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      DEBIAN_FRONTEND: 'noninteractive',
      LC_ALL: 'C.UTF-8',
    };
    return spawnSync(program, args, { encoding: 'utf8', timeout: 120_000, env });
  }

  /** Copies a file of the host into this root. */
  copyIn(from: string, to: string): void {
    execFileSync('nsenter', [this.#mountNamespace, 'cp', from, `${this.path}${to}`]);
  }

  /** Every file that has been added, changed or taken away, and every new directory, without leading slash. */
  changes(): string[] {
    const find = ['find', `${this.#mountPoint}/changes`, '-mindepth', '1', '-printf', '%y %P\\n'];
    const entries = execFileSync('nsenter', [this.#mountNamespace, ...find], { encoding: 'utf8' });
    return entries
      .split('\n')
      .filter((entry) => entry !== '' && !(entry.startsWith('d ') && existsSync(`/${entry.slice(2)}`)))
      .map((entry) => entry.slice(2))
      .sort();
  }

  async close(): Promise<void> {
    const { exitCode, signalCode } = this.#holder;
    const exited = exitCode === null && signalCode === null ? once(this.#holder, 'exit') : undefined;
    this.#holder.stdin?.end();
    await exited;
    rmSync(this.#mountPoint, { recursive: true, force: true });
  }
}

async function canOverlay(): Promise<boolean> {
  if (process.geteuid?.() !== 0) return false;
  const root = await OverlayRoot.open();
  await root?.close();
  return root !== undefined;
}

/** For `describe.skipIf`: true, with the reason printed, where a copy of this host cannot be had. */
export const withoutOverlay = skipUnless('root, who may mount an overlay over this host', await canOverlay());
/** For `describe.skipIf`: true, with the reason printed, where this host is no Debian. */
export const withoutDpkg = skipUnless('dpkg', spawnSync('dpkg', ['--version']).status === 0);

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { OverlayRoot, Ran } from './overlay_root.ts';
import { skipUnless } from './skip.ts';

const POLL_MS = 100;
const LONGEST_BOOT_MS = 60_000;

/** For `test.skipIf`: true, with the reason printed, where there is no systemd-nspawn. */
export const withoutNspawn = skipUnless(
  'systemd-nspawn',
  spawnSync('systemd-nspawn', ['--version']).status === 0,
);

/** A root booted by systemd, with a network of its own in which nothing but one unit and what it needs runs. */
export class SystemdContainer {
  readonly #nspawn: ChildProcess;
  readonly #leader: number;

  /**
   * Boots until the unit has been started.
   *
   * @throws Error with what systemd said when it does not get so far
   */
  static async boot(root: OverlayRoot, unit: string): Promise<SystemdContainer> {
    // One that was killed would otherwise hold the name.
    const machine = `hzstat-test-${process.pid}`;
    const [program, ...args] = root.wordsOutside(
      'systemd-nspawn',
      `--directory=${root.path}`,
      `--machine=${machine}`,
      '--register=no',
      '--keep-unit',
      '--capability=CAP_PERFMON',
      '--private-network',
      '--boot',
      `systemd.unit=${unit}`,
    );
    const nspawn = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [nspawn.stdout, nspawn.stderr]) stream.on('data', (data: Buffer) => (said += data));
    const patienceEndsMs = performance.now() + LONGEST_BOOT_MS;
    while (performance.now() < patienceEndsMs && nspawn.exitCode === null) {
      const leader = childOf(nspawn.pid ?? 0);
      if (leader !== undefined) {
        const container = new SystemdContainer(nspawn, leader);
        if (container.run('systemctl', 'is-active', unit).stdout.startsWith('active')) return container;
      }
      await delay(POLL_MS);
    }
    nspawn.kill('SIGKILL');
    throw new Error(`systemd never started ${unit}: ${said}`);
  }

  private constructor(nspawn: ChildProcess, leader: number) {
    this.#nspawn = nspawn;
    this.#leader = leader;
  }

  /** Runs a command as root of the container, outside of any unit. */
  run(...command: string[]): Ran {
    const enter = [
      '--target',
      String(this.#leader),
      '--mount',
      '--pid',
      '--net',
      '--ipc',
      '--uts',
      '--root',
      '--wd',
    ];
    return spawnSync('nsenter', [...enter, ...command], { encoding: 'utf8', timeout: 60_000 });
  }

  async powerOff(): Promise<void> {
    if (this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null) return;
    const exited = once(this.#nspawn, 'exit');
    // As nspawn asks for it: SIGRTMIN+4 is the power button of systemd.
    spawnSync('kill', ['-38', String(this.#leader)]);
    await Promise.race([exited, delay(LONGEST_BOOT_MS / 2, undefined, { ref: false })]);
    this.#nspawn.kill('SIGKILL');
    await exited;
  }
}

function childOf(pid: number): number | undefined {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return children.length === 0 ? undefined : Number(children[0]);
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  } catch {
    return undefined;
  }
}

import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { skipUnless } from './skip.ts';

/** For `test.skipIf`: true, with the reason printed, where there is no tmux. */
export const withoutTmux = skipUnless('tmux', spawnSync('tmux', ['-V']).status === 0);

const POLL_MS = 50;
const LONGEST_WAIT_MS = 30_000;
const ENVIRONMENT = { LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' };

let terminals = 0;

/** A real terminal, on a tmux server of its own, that runs one command. */
export class TestTerminal {
  readonly #server = `hzstat-${process.pid}-${terminals++}`;
  readonly width: number;

  /** `command` is a shell's; what it prints stays to be seen after it ended. */
  constructor(command: string, width: number, height: number, environment: Record<string, string> = {}) {
    this.width = width;
    const variables = Object.entries({ ...ENVIRONMENT, ...environment }).map(
      ([name, value]) => `${name}=${value}`,
    );
    execFileSync(
      'tmux',
      [
        ...['-u', '-L', this.#server, '-f', '/dev/null', 'new-session', '-d'],
        ...['-x', String(width), '-y', String(height)],
        ...['env', ...variables, 'sh', '-c', `${command}\nexec cat`],
      ],
      { env: { PATH: process.env.PATH, ...ENVIRONMENT } },
    );
  }

  /** The lines on the screen, without trailing blanks. */
  rows(...flags: string[]): string[] {
    return this.#tmux('capture-pane', '-p', ...flags)
      .split('\n')
      .slice(0, -1)
      .map((row) => row.trimEnd());
  }

  /**
   * Waits until the screen is as wanted and returns its text.
   *
   * @throws Error with what there is to be seen instead, before the test's own patience ends
   */
  async until(pattern: RegExp): Promise<string> {
    const patienceEndsMs = performance.now() + LONGEST_WAIT_MS;
    for (;;) {
      const text = this.rows().join('\n');
      if (pattern.test(text)) return text;
      if (performance.now() > patienceEndsMs)
        throw new Error(`the screen never showed ${pattern}, but\n${text}`);
      await delay(POLL_MS);
    }
  }

  press(...keys: string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Presses and lets go of the left button at a cell, or turns the wheel there, as a terminal tells it. */
  mouse(action: 'click' | 'wheel_up' | 'wheel_down', x: number, y: number): void {
    const at = `${x + 1};${y + 1}`;
    const reports = {
      click: `\x1b[<0;${at}M\x1b[<0;${at}m`,
      wheel_up: `\x1b[<64;${at}M`,
      wheel_down: `\x1b[<65;${at}M`,
    };
    this.#tmux('send-keys', '-l', reports[action]);
  }

  resize(width: number, height: number): void {
    this.#tmux('resize-window', '-x', String(width), '-y', String(height));
  }

  /** What tmux knows of the terminal, such as `cursor_flag`. */
  flag(name: string): string {
    return this.#tmux('display-message', '-p', `#{${name}}`).trim();
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#server, 'kill-server']);
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#server, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
  }
}

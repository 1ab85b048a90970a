import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';

/** Whether this user may make namespaces of network: asked by making one. */
export const HAS_NAMESPACES = mayMakeNamespaces();

function mayMakeNamespaces(): boolean {
  const name = `hzstat-${randomBytes(3).toString('hex')}`;
  if (spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
  spawnSync('ip', ['netns', 'del', name]);
  return true;
}

/** A namespace of network behind a wire that can be cut. */
export class CutNetwork {
  readonly #name = `hzstat-${randomBytes(3).toString('hex')}`;
  readonly #wire = `hz${randomBytes(3).toString('hex')}`;
  readonly #net = `10.${randomInt(200, 250)}.${randomInt(256)}`;

  constructor() {
    const [here, there] = [`${this.#wire}a`, `${this.#wire}b`];
    ip('netns', 'add', this.#name);
    ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', this.#name);
    ip('addr', 'add', `${this.#net}.1/30`, 'dev', here);
    ip('link', 'set', here, 'up');
    for (const args of [
      ['addr', 'add', `${this.address}/30`, 'dev', there],
      ['link', 'set', there, 'up'],
      ['link', 'set', 'lo', 'up'],
    ])
      ip('-n', this.#name, ...args);
  }

  /** Where what runs in it is reached. */
  get address(): string {
    return `${this.#net}.2`;
  }

  /** What to run a command with, so that it runs in it. */
  get command(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  cut(): void {
    ip('link', 'set', `${this.#wire}a`, 'down');
  }

  mend(): void {
    ip('link', 'set', `${this.#wire}a`, 'up');
  }

  remove(): void {
    ip('netns', 'del', this.#name);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

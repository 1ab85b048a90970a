import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { lockDataDir } from '../../../../src/history/writer/lock.ts';
import { temporaryDataDir } from '../../../support/history.ts';

const CONTENDER = join(import.meta.dirname, '../../../support/lock_contender.mjs');
const RACES = 100;
const CONTENDERS = 6;
/** What a process that is gone has left, in three ways. */
const STALE = ['{"pid":1,"startedAt":"0"}', `{"pid":${2 ** 22 - 1},"startedAt":"12"}`, 'no lock at all'];

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A process that locks when it is told to. */
class Contender {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(command: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
    const [program = process.execPath, ...args] = [...command, process.execPath, CONTENDER];
    this.#child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    cleanups.push(() => this.#child.kill('SIGKILL'));
  }

  async say(line: string): Promise<string> {
    this.#child.stdin!.write(`${line}\n`);
    return String((await this.#answers.next()).value);
  }

  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}

function directory(): string {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  return dataDir;
}

async function race(
  contenders: readonly Contender[],
  prepare: (dataDir: string, race: number) => void,
): Promise<void> {
  const dataDir = directory();
  for (let race = 0; race < RACES; race++) {
    prepare(dataDir, race);
    const results = await Promise.all(contenders.map((contender) => contender.say(`lock ${dataDir}`)));
    expect(results.toSorted()).toEqual([...Array(contenders.length - 1).fill('lost'), 'won']);
    await contenders[results.indexOf('won')]!.say('unlock');
  }
}

const stale = (dataDir: string, race: number): void => {
  writeFileSync(join(dataDir, 'lock'), STALE[race % STALE.length]!);
};

describe('of those who want a directory at the same moment', () => {
  test.each([
    ['one gets it', () => {}],
    ['one gets it where somebody has left a lock', stale],
  ])(
    '%s',
    async (_, prepare) => {
      await race(
        Array.from({ length: CONTENDERS }, () => new Contender()),
        prepare,
      );
    },
    120_000,
  );

  test('one gets it, whatever container each of them is in', async ({ skip }) => {
    const apart = ['unshare', '--pid', '--fork', '--mount-proc'];
    if (spawnSync(apart[0]!, [...apart.slice(1), 'true']).status !== 0)
      return skip('this user may not make namespaces');
    await race(
      Array.from({ length: CONTENDERS }, (_, index) => new Contender(index % 2 === 0 ? apart : [])),
      stale,
    );
  }, 120_000);
});

describe('a lock', () => {
  test('ends with whoever held it, however that ended', async () => {
    const dataDir = directory();
    const holder = new Contender();
    const next = new Contender();
    expect(await holder.say(`lock ${dataDir}`)).toBe('won');
    expect(await next.say(`lock ${dataDir}`)).toBe('lost');
    await holder.kill();
    expect(await next.say(`lock ${dataDir}`)).toBe('won');
  });

  test('names its holder to those who come too late', async () => {
    const dataDir = directory();
    expect(await new Contender().say(`lock ${dataDir}`)).toBe('won');
    const { pid } = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8')) as { pid: number };
    expect(() => lockDataDir(dataDir)).toThrow(`process ${pid} records to ${dataDir} already`);
  });

  test('without flock(1) is kept by name, and says what that is worth', async () => {
    const dataDir = directory();
    const path = process.env.PATH;
    const said: string[] = [];
    process.env.PATH = '/nowhere';
    try {
      const unlock = lockDataDir(dataDir, (message) => said.push(message));
      expect(said.join()).toMatch(/no flock\(1\) here.*another container/);
      expect(await new Contender().say(`lock ${dataDir}`)).toBe('lost');
      unlock();
      expect(await new Contender([], { PATH: '/nowhere' }).say(`lock ${dataDir}`)).toBe('won');
    } finally {
      process.env.PATH = path;
    }
  });
});

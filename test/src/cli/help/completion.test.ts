import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashCompletion } from '../../../../src/cli/help/bash_completion.ts';
import { visibleCommands, visibleOptions } from '../../../../src/cli/help/command_line.ts';
import { fishCompletion } from '../../../../src/cli/help/fish_completion.ts';
import { zshCompletion } from '../../../../src/cli/help/zsh_completion.ts';
import { createProgram } from '../../../../src/cli/program.ts';
import { skipUnless } from '../../../support/skip.ts';

const program = createProgram();
const commands = visibleCommands(program);
const MAKERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** Fills COMP_WORDS as bash does at the end of a line, where = is a word of its own. */
const ASK_BASH = `
source "$1"
compopt() { :; }
COMP_WORDS=("\${@:2}")
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_hzstat
printf '%s\\n' "\${COMPREPLY[@]}"
`;
/** Shows which of its functions zsh is led to, and with what. */
const ASK_ZSH = `
compdef() { :; }
_arguments() { print -rl -- "$@"; }
_describe() { print -rl -- "\${commands[@]}"; }
source "$1"
words=("\${@:2}")
CURRENT=$#words
_hzstat
`;

describe.each(['bash', 'zsh', 'fish'] as const)('the completion for %s', (shell) => {
  let directory: string;
  let script: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hzstat-completion-'));
    script = join(directory, 'script');
    writeFileSync(script, MAKERS[shell](program));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const isMissing = skipUnless(shell, spawnSync(shell, ['-c', 'true']).status === 0);

  /** What the shell offers after these words, the last of which is being written. */
  function offered(...words: string[]): string[] {
    const args = {
      bash: ['-c', ASK_BASH, 'bash', script, ...words],
      zsh: ['-f', '-c', ASK_ZSH, 'zsh', script, ...words],
      fish: ['-c', `source $argv[1]; complete -C "$argv[2..]"`, script, words.join(' ')],
    };
    const { stdout, stderr } = spawnSync(shell, args[shell], {
      encoding: 'utf8',
      env: { ...process.env, HOME: directory },
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  test.skipIf(isMissing)('is a script without faults', () => {
    const { status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  test.skipIf(isMissing)('offers every command', () => {
    const lines = offered('hzstat', '').map((line) => line.split(/[:\t]/)[0]);
    expect(lines.sort()).toEqual(commands.map((command) => command.name()).sort());
  });

  test.skipIf(isMissing).each(commands.map((command) => [command.name(), command] as const))(
    'offers every flag of %s',
    (name, command) => {
      const text = offered('hzstat', name, '--').join('\n');
      for (const { long } of visibleOptions(command)) expect(text).toContain(long);
    },
  );

  test.skipIf(isMissing)('offers what a command can be given besides flags', () => {
    const words = (...typed: string[]): string => offered('hzstat', ...typed).join('\n');
    expect(words('collectors', 'o')).toMatch(/\boff\b/);
    expect(words('collectors', 'on', 'inter')).toMatch(/\binterrupts\b/);
    expect(words('fields', 'mem')).toMatch(/\bmemory_bandwidth\b/);
  });

  test.skipIf(isMissing)('offers the flags of serve where no command stands', () => {
    expect(offered('hzstat', '--ret').join('\n')).toContain('--retention-bytes');
  });

  test.skipIf(isMissing || shell === 'zsh')('offers what a flag may be', () => {
    const words = (lines: string[]): (string | undefined)[] => lines.map((line) => line.split('\t')[0]);
    expect(words(offered('hzstat', 'serve', '--engine', '')).sort()).toEqual(['auto', 'node', 'uws']);
    expect(words(offered('hzstat', 'serve', '-c', 'cpu,di'))).toEqual(['cpu,disk']);
    writeFileSync(join(directory, 'certificate'), '');
    expect(words(offered('hzstat', 'top', '--ca', join(directory, 'certi')))).toEqual([
      join(directory, 'certificate'),
    ]);
  });
});

test('bash offers the words of a flag after the sign it takes apart', () => {
  const { stdout } = spawnSync('bash', [
    '-c',
    `${ASK_BASH.replace('source "$1"', bashCompletion(program))}`,
    'bash',
    '',
    'hzstat',
    'serve',
    '--engine',
    '=',
    'n',
  ]);
  expect(String(stdout)).toBe('node\n');
});

import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { visibleCommands, visibleOptions } from '../../../../src/cli/help/command_line.ts';
import { manPage } from '../../../../src/cli/help/man_page.ts';
import { createProgram } from '../../../../src/cli/program.ts';
import { skipUnless } from '../../../support/skip.ts';

const program = createProgram();
const page = manPage(program, { version: '1.2.3', configFile: '/etc/hzstat/hzstat.toml' });
const noGroff = skipUnless('groff', spawnSync('groff', ['--version']).status === 0);

function rendered(): { text: string; complaints: string } {
  const { stdout, stderr } = spawnSync('groff', ['-man', '-Tascii', '-P-cbou', '-ww', '-rLL=200n'], {
    input: page,
    encoding: 'utf8',
  });
  return { text: stdout, complaints: stderr };
}

describe('the man page', () => {
  test.skipIf(noGroff)('is roff without faults', () => {
    expect(rendered().complaints).toBe('');
  });

  test.skipIf(noGroff)('tells of every command, flag, variable and default', () => {
    const { text } = rendered();
    const words = text.replace(/\s+/g, ' ');
    for (const command of visibleCommands(program)) {
      expect(text).toContain(`hzstat ${command.name()}`);
      for (const { long, envVar } of visibleOptions(command)) {
        expect(text).toContain(long);
        if (envVar !== undefined) expect(words).toContain(`environment: ${envVar}`);
      }
    }
    expect(words).toContain('Stands for --retention-bytes.');
    expect(words).toContain('hzstat 1.2.3');
  });

  test('is the same on every host', () => {
    expect(page).not.toContain(process.env.HOME ?? '/root');
    expect(page).toContain('$XDG_STATE_HOME/hzstat');
  });
});

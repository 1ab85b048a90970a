import { Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { visibleCommands, visibleOptions } from '../../../../src/cli/help/command_line.ts';
import { optionHelp } from '../../../../src/cli/help/option_help.ts';
import { createProgram } from '../../../../src/cli/program.ts';

test.each([
  [
    new Option('--a <b>', 'what').choices(['x', 'y']).default('x').env('A'),
    'what (choices: "x", "y", default: x, env: A)',
  ],
  [new Option('--a <b>', 'what').default(100, '100ms'), 'what (default: 100ms)'],
  [new Option('--a <b>', 'what').default(undefined, 'all'), 'what (default: all)'],
  [new Option('--a <b>', 'what'), 'what (default: none)'],
  [new Option('--a', 'what'), 'what (default: off)'],
  [new Option('--no-a', 'what'), 'what (default: off)'],
  [new Option('-h, --help', 'what'), 'what'],
])('a flag is told with all there is to know of it: %#', (option, text) => {
  expect(optionHelp(option)).toBe(text);
});

describe.each(visibleCommands(createProgram()).map((command) => [command.name(), command] as const))(
  'the help of %s',
  (_, command) => {
    const text = command.helpInformation().replace(/\s+/g, ' ');

    test('names the default of every flag', () => {
      for (const option of visibleOptions(command))
        expect(text).toContain(optionHelp(option).replace(/\s+/g, ' '));
    });
  },
);

import { describe, expect, test } from 'vitest';
import { givenSettings } from '../../../../src/cli/config/settings.ts';
import { readToml } from '../../../../src/cli/config/toml.ts';
import { sampleConfig } from '../../../../src/cli/help/sample_config.ts';
import { settingsByKey } from '../../../../src/cli/options/setting.ts';
import { createProgram } from '../../../../src/cli/program.ts';

const serve = createProgram().commands.find((command) => command.name() === 'serve')!;
const sample = sampleConfig(serve.options);
/** Keys and values, without the sign that makes comments of them. */
const lines = sample.split('\n').flatMap((line) => /^#([^ ].*)$/.exec(line)?.[1] ?? []);
/** Its sample names a file that need not exist, and what it is for must. */
const NAMING_FILES = ['collector'];

describe('the sample configuration', () => {
  test('sets nothing', () => {
    expect(readToml(sample)).toEqual({ table: new Map(), problems: [] });
  });

  test('has every setting of the server once', () => {
    const keys = lines.map((line) => line.split(/[ .]/)[0]);
    expect(keys).toEqual([...settingsByKey(serve.options).keys()]);
  });

  test.each(lines)('has a line that is right when it is no comment: %s', (line) => {
    const { table, problems } = readToml(line);
    const given = givenSettings(table, serve.options);
    expect(problems).toEqual([]);
    if (NAMING_FILES.includes(line.split(' ')[0] ?? ''))
      expect(given.problems).toEqual([
        expect.objectContaining({ message: expect.stringContaining('ENOENT') }),
      ]);
    else expect(given.problems).toEqual([]);
  });

  test('shows defaults that are the defaults', () => {
    const { table } = readToml(lines.join('\n'));
    for (const key of [
      'interval',
      'collectors',
      'listen',
      'retention',
      'retention-incidents',
      'retention-bytes',
      'history',
      'engine',
    ]) {
      const [setting] = givenSettings(new Map([[key, table.get(key)!]]), serve.options).settings;
      expect(setting?.value).toEqual(serve.getOptionValue(setting?.option.attributeName() ?? ''));
    }
  });
});

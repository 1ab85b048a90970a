import type { Command, Option } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../../../src/cli/config/config_file.ts';
import { applyFile } from '../../../../src/cli/config/configure.ts';
import { givenSettings } from '../../../../src/cli/config/settings.ts';
import { readToml } from '../../../../src/cli/config/toml.ts';
import { argument } from '../../../../src/cli/options/options.ts';
import { defaultText, isSwitch, Setting, shapeOf } from '../../../../src/cli/options/setting.ts';
import { createProgram } from '../../../../src/cli/program.ts';

function serve(): Command {
  return createProgram().commands.find((command) => command.name() === 'serve')!;
}

function problemsOf(text: string, options: readonly Option[] = serve().options): string[] {
  const { table, problems } = readToml(text);
  const all = [...problems, ...givenSettings(table, options).problems];
  return all.map(({ line, message }) => `${line}: ${message}`);
}

/** What the flags are when a file says this. */
function configured(text: string): Record<string, unknown> {
  const command = serve();
  const { table, problems } = readToml(text);
  const given = givenSettings(table, command.options);
  expect([...problems, ...given.problems]).toEqual([]);
  applyFile(command, { path: 'test', settings: given.settings, warnings: [] });
  return command.opts();
}

/** What the flags are when they are given. */
function flagged(args: readonly string[]): Record<string, unknown> {
  const command = serve();
  expect(command.parseOptions([...args])).toEqual({ operands: [], unknown: [] });
  return command.opts();
}

/** Text as TOML has it between quotes. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f');
}

const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'));
const duration = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.constantFrom('ms', 's', 'm'))
  .map((d) => d.join(''));
const names = fc.subarray(['cpu', 'memory', 'disk', 'network', 'default'], { minLength: 1 });
const origins = fc.uniqueArray(fc.webAuthority({ withPort: false }), { minLength: 1, maxLength: 3 });

/** A line of a file and the flags that mean the same. */
interface Twin {
  readonly line: string;
  readonly flags: readonly string[];
}

const textTwin = (key: string, value: fc.Arbitrary<string>): fc.Arbitrary<Twin> =>
  value.map((each) => ({ line: `${key} = ${quoted(each)}`, flags: [`--${key}=${each}`] }));

const twins: fc.Arbitrary<Twin>[] = [
  textTwin('interval', duration),
  textTwin('retention', duration),
  textTwin('retention-incidents', duration),
  textTwin('retention-rollups', duration),
  textTwin('data-dir', text),
  textTwin('token-file', text),
  textTwin('tls-cert', text),
  textTwin('tls-key', text),
  textTwin('engine', fc.constantFrom('auto', 'uws', 'node')),
  textTwin('budget', fc.constantFrom('off', '2%', '7.5%')),
  textTwin('perf-cpus', fc.constantFrom('all', '0-3,8')),
  textTwin('retention-bytes', fc.constantFrom('500MB', '1.5GB', '20GiB')),
  textTwin('listen', fc.constantFrom('127.0.0.1:0', '[::1]:4410', ':1', 'unix:/run/x.sock')),
  fc.boolean().map((on) => ({ line: `history = ${on}`, flags: on ? [] : ['--no-history'] })),
  fc.integer({ min: 1, max: 1_000_000 }).map((n) => ({
    line: `max-connections = ${n}`,
    flags: [`--max-connections=${n}`],
  })),
  names.map((list) => ({
    line: `collectors = [${list.map(quoted).join(', ')}]`,
    flags: [`--collectors=${list.join(',')}`],
  })),
  origins.map((list) => {
    const urls = list.map((host) => new URL(`https://${host.toLowerCase()}`).origin);
    return { line: `allow-origin = ${quoted(urls.join(','))}`, flags: [`--allow-origin=${urls.join(',')}`] };
  }),
  fc.array(fc.constantFrom(import.meta.filename, process.execPath), { minLength: 1 }).map((paths) => ({
    line: `collector = [\n  ${paths.map(quoted).join(',\n  ')}\n]`,
    flags: paths.map((path) => `--collector=${path}`),
  })),
];
/** Some of the settings in any order. */
const someTwins = fc
  .tuple(...twins)
  .chain((all) => fc.shuffledSubarray(all))
  .map((chosen) => chosen as Twin[]);

describe('a configuration file', () => {
  test('means what the flags of its keys mean, whatever they are', () => {
    fc.assert(
      fc.property(someTwins, (chosen) => {
        const file = chosen.map(({ line }) => line).join('\n');
        expect(configured(file)).toEqual(flagged(chosen.flatMap(({ flags }) => flags)));
      }),
      { numRuns: 300 },
    );
  });

  test('has every bad line told, and no other', () => {
    const bad = fc.constantFrom(
      ...['colour = "red"', 'rootfs = 5', 'perf-cpus = all', 'token-file = ["a"]', 'allow-origin = "x"'],
      ...['tls-key = 2026-01-01', 'token = true', 'max-connections = 0', 'tls-client-ca = {}', '[section]'],
    );
    const good = [
      'interval = "1s"',
      'history = false',
      'retention = "2d"',
      'engine = "node"',
      '# nothing',
      '',
    ];
    fc.assert(
      fc.property(
        fc.uniqueArray(bad, { minLength: 1 }),
        fc.shuffledSubarray(good),
        fc.nat(),
        (wrong, right, seed) => {
          // A section swallows what follows it, so it comes last.
          const statements = wrong.filter((line) => !line.startsWith('['));
          const lines = [...right];
          for (const [i, line] of statements.entries())
            lines.splice((seed + i * 7) % (lines.length + 1), 0, line);
          if (statements.length < wrong.length) lines.push('[section]');
          const expected = lines.flatMap((line, index) => (wrong.includes(line) ? [index + 1] : []));
          const told = problemsOf(lines.join('\n')).map((problem) => Number.parseInt(problem, 10));
          expect(told.sort((a, b) => a - b)).toEqual(expected);
        },
      ),
    );
  });

  test.each([
    ['intervall = "1s"', 'there is no setting "intervall"; the nearest is "interval"'],
    ['retention_bytes = "1GB"', 'there is no setting "retention_bytes"; the nearest is "retention-bytes"'],
    ['retentionBytes = "1GB"', 'there is no setting "retentionBytes"; the nearest is "retention-bytes"'],
    ['--tls-crt = "x"', 'there is no setting "--tls-crt"; the nearest is "tls-cert"'],
    ['HZSTAT_TOKN = "x"', 'there is no setting "HZSTAT_TOKN"; the nearest is "token"'],
    ['l = ":1"', 'there is no setting "l"; the nearest is "listen"'],
    ['no-history = true', 'there is no setting "no-history": write history = false'],
    ['config = "x"', '"config" is for the command line only'],
    ['[serve]\nlisten = ":1"', 'there is no section "serve": settings stand at the top of the file, in none'],
    ['"\\u001b[31m" = 1', 'there is no setting "\\u001b[31m"; the nearest is "token"'],
  ])('with %j is told what was probably meant', (file, expected) => {
    expect(problemsOf(file)).toEqual([`1: ${expected}`]);
  });

  test.each([
    ['interval = 100', 'interval is text in quotes, such as "100ms"'],
    ['interval = "100"', 'interval: "100" is not a duration: write 100ms, 1s, 5m, 2h or 7d'],
    ['interval = "2h"', 'interval: "2h" is out of range: an interval is between 1ms and 1h'],
    ['interval = { ms = 5 }', 'interval is text in quotes, such as "100ms"'],
    ['interval = ["1s"]', 'interval is text in quotes, such as "100ms"'],
    ['retention-bytes = 50000000000', 'retention-bytes is text in quotes, such as "50GB"'],
    ['budget = 2', 'budget is text in quotes, such as "2%"'],
    ['history = "false"', 'history is true or false, without quotes'],
    ['history = 0', 'history is true or false, without quotes'],
    ['max-connections = "4096"', 'max-connections is a number, without quotes'],
    ['max-connections = 1.5', 'max-connections: "1.5" is no number of connections'],
    ['max-connections = inf', 'max-connections: "Infinity" is no number of connections'],
    [
      'max-connections = 99999999999999999999',
      'max-connections: "100000000000000000000" is no number of connections',
    ],
    ['data-dir = "a\\u0000b"', 'data-dir holds a NUL, which no value may'],
    ['token = 12345', 'token is text in quotes'],
    [
      'collector = ["/no/such/module.js"]',
      expect.stringContaining('collector: no collector can be loaded from'),
    ],
    ['listen = "127.0.0.1:99999"', expect.stringContaining('listen: "127.0.0.1:99999" is no address')],
  ])('with %j is told what belongs there', (file, expected) => {
    const { problems } = givenSettings(readToml(file).table, serve().options);
    expect(problems).toEqual([{ line: 1, message: expected }]);
  });

  test('is told which item of a list is wrong', () => {
    expect(problemsOf('collectors = [\n  "cpu",\n  "gpu",\n  5,\n]')).toEqual([
      expect.stringMatching(/^3: collectors: there is no collector "gpu"/),
      expect.stringMatching(/^4: collectors is text in quotes/),
    ]);
  });

  test('is told of settings that exclude each other', () => {
    expect(problemsOf('token-file = "x"\ntoken = "y"')).toEqual([
      '2: token-file and token exclude each other',
    ]);
  });

  test('never has a secret repeated', () => {
    const files = [
      'token = s3cr3t',
      'token = "s3cr3t"\ntoken-file = "x"',
      'token = ["s3cr3t"]',
      'token = "s3cr3t',
    ];
    for (const file of files) {
      expect(problemsOf(file)).toHaveLength(1);
      expect(problemsOf(file).join()).not.toContain('s3cr3t');
    }
  });
});

describe('flags that are given several times', () => {
  test.each(serve().options.filter((option) => option.parseArg !== undefined && !isSwitch(option)))(
    'are marked as such: $long',
    (option) => {
      const text = option instanceof Setting && option.exampleText ? option.exampleText : defaultText(option);
      const sample = option.long === '--collector' ? import.meta.filename : text;
      if (sample === undefined) return;
      const once = option.parseArg?.<unknown>(sample, option.defaultValue);
      // A table grows by a name that is not in it yet.
      const again = shapeOf(option) === 'table' ? `another_${sample}` : sample;
      const twice = option.parseArg?.<unknown>(again, once);
      const grows = JSON.stringify(twice) !== JSON.stringify(once);
      expect(['list', 'table'].includes(shapeOf(option))).toBe(grows);
    },
  );

  const append = argument((each: string, before: readonly string[] = []): readonly string[] => {
    if (each.startsWith('=')) throw new Error('no name');
    return [...before, each];
  });
  const options = [
    new Setting('--label <name=value>', 'a label').named().argParser(append),
    new Setting('--watch <rule>', 'a watch').repeatable().argParser(append),
  ];
  const valuesOf = (file: string): unknown[] =>
    givenSettings(readToml(file).table, options).settings.map(({ value }) => value);

  test('are a list in a file, or one text', () => {
    expect(valuesOf('watch = ["a > 1", "b > 2"]')).toEqual([['a > 1', 'b > 2']]);
    expect(valuesOf('watch = "a > 1"')).toEqual([['a > 1']]);
    expect(problemsOf('watch = ["a", 1]', options)).toEqual(['1: watch is text in quotes']);
    expect(problemsOf('[[watch]]\nname = "a"', options)).toEqual(['1: watch is text in quotes']);
  });

  test('are a table where each has a name', () => {
    expect(valuesOf('[label]\nrack = "r1"\n"a b" = "x=y"')).toEqual([['rack=r1', 'a b=x=y']]);
    expect(valuesOf('label.rack = "r1"\nlabel.row = "7"')).toEqual([['rack=r1', 'row=7']]);
    expect(problemsOf('label = "rack=r1"', options)).toEqual(['1: label is a table: label.name = "value"']);
    expect(problemsOf('[label]\nrack = "a"\nrow = 7\n"" = "x"', options)).toEqual([
      '3: label.row is text in quotes',
      '4: label: no name',
    ]);
  });
});

test('the usual file is none where it does not exist, and a file that was named has to be there', () => {
  expect(readConfigFile('/dev/null', serve().options)).toEqual({
    path: '/dev/null',
    settings: [],
    warnings: [],
  });
  expect(() => readConfigFile('/no/such/file.toml', serve().options)).toThrow(/cannot be read: ENOENT/);
});

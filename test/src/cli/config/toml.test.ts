import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readToml } from '../../../../src/cli/config/toml.ts';

function problemsOf(text: string): string[] {
  return readToml(text).problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('a TOML file', () => {
  test('gives every value with the line it stands in', () => {
    const { table, problems } = readToml(
      '# a comment\ntext = "a"\n\nnumber = 1_000\r\nswitch = true\nlist = [\n  "a", # one\n  2,\n]\nday = 2026-01-01\n',
    );
    expect(problems).toEqual([]);
    expect(Object.fromEntries(table)).toEqual({
      text: { kind: 'text', text: 'a', line: 2 },
      number: { kind: 'number', number: 1_000, line: 4 },
      switch: { kind: 'boolean', boolean: true, line: 5 },
      list: {
        kind: 'list',
        line: 6,
        items: [
          { kind: 'text', text: 'a', line: 7 },
          { kind: 'number', number: 2, line: 8 },
        ],
      },
      day: { kind: 'time', line: 10 },
    });
  });

  test.each([
    ['a section', '[label]\nrack = "r1"\nrow = "7"'],
    ['names with dots', 'label.rack = "r1"\nlabel.row = "7"'],
    ['braces', '\nlabel = { rack = "r1", row = "7" }'],
  ])('has a table as %s', (_, text) => {
    const value = readToml(text).table.get('label');
    expect(value?.kind).toBe('table');
    const entries = value?.kind === 'table' ? [...value.entries] : [];
    expect(entries.map(([name, entry]) => [name, entry.kind === 'text' && entry.text])).toEqual([
      ['rack', 'r1'],
      ['row', '7'],
    ]);
  });

  test('has lists of tables, and tables in tables', () => {
    const value = readToml('[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[a.d]\ne.f = 3').table.get('a');
    expect(value).toMatchObject({
      kind: 'table',
      entries: new Map([
        ['b', { kind: 'list', items: [{ kind: 'table' }, { kind: 'table' }] }],
        ['d', { kind: 'table', entries: new Map([['e', { kind: 'table' }]]) }],
      ]),
    });
  });

  test('that is empty gives nothing', () => {
    expect(readToml('')).toEqual({ table: new Map(), problems: [] });
  });

  test('has no key that means something to JavaScript', () => {
    const { table } = readToml('__proto__ = 1\nconstructor.prototype = 2');
    expect([...table.keys()]).toEqual(['__proto__', 'constructor']);
  });
});

describe('a file that is no TOML', () => {
  test('tells of every line that is none, and gives the others', () => {
    const { table, problems } = readToml('a = 100ms\nb = "x"\nb = "y"\nc = yes\nd = "z"');
    expect(problems.toSorted((a, b) => a.line - b.line)).toEqual([
      { line: 1, message: 'text stands in quotes, as in a = "…"' },
      { line: 3, message: 'this was set before' },
      { line: 4, message: 'text stands in quotes, as in c = "…"' },
    ]);
    expect([...table.keys()]).toEqual(['b', 'd']);
  });

  test('tells nothing of what stands in something that is not closed', () => {
    expect(problemsOf('a = 1\nb = [\n  "x",\nc = "y"\nd = "z"')).toHaveLength(1);
    expect(problemsOf('a = """\nb = 5ms\nc = 6ms')).toHaveLength(1);
    expect(problemsOf('[label\nrack = r1')).toHaveLength(1);
  });

  test('tells of what stood before all the same', () => {
    const { table, problems } = readToml('a = 1\nb = [\n  "x",\n');
    expect([...table.keys()]).toEqual(['a']);
    expect(problems).toHaveLength(1);
  });

  test('is any text: it is told of with a line of it, and nothing is thrown', () => {
    const piece = fc.constantFrom(
      'a',
      '=',
      '"',
      '"""',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '.',
      '\n',
      '#',
      '1',
      ' ',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const lineCount = text.split('\n').length;
        for (const { line } of readToml(text).problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lineCount);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { givenSettings } from '../../../../src/cli/config/settings.ts';
import { readToml } from '../../../../src/cli/config/toml.ts';
import { labelOption, parseLabel } from '../../../../src/cli/options/label_options.ts';

describe('a label', () => {
  test('comes to those there are, and the host is named in any case', () => {
    expect(parseLabel('rack=r12')).toEqual({ host: hostname(), rack: 'r12' });
    expect(parseLabel('rack=r13', { host: 'a', rack: 'r12' })).toEqual({ host: 'a', rack: 'r13' });
    expect(parseLabel('host=db-7')).toEqual({ host: 'db-7' });
  });

  test('may have any text as its value', () => {
    expect(parseLabel('note = a=b, "c" {ü}')).toMatchObject({ note: 'a=b, "c" {ü}' });
  });

  test.each([
    ['rack', 'write key=value'],
    ['=r12', 'its key ""'],
    ['1rack=r12', 'not to begin with a digit'],
    ['data-center=x', 'letters, digits and _'],
    ['__name__=x', 'kept by Prometheus'],
    ['__proto__=x', 'kept by Prometheus'],
    ['device=x', 'a label "device" of their own'],
    ['mode=x', 'a label "mode" of their own'],
    ['rack=', 'its value is empty'],
    ['rack=a\nb', 'a control character'],
    [`rack=${'x'.repeat(257)}`, 'longer than 256 bytes'],
  ])('%j is refused', (text, why) => {
    expect(() => parseLabel(text)).toThrow(why);
  });

  test('is a table in a file, and what is wrong there has its line', () => {
    const read = (text: string) => givenSettings(readToml(text).table, [labelOption()]);
    expect(read('[label]\nhost = "a"\nrack = "r12"').settings[0]?.value).toEqual({ host: 'a', rack: 'r12' });
    expect(read('label.rack = "r12"').settings[0]?.value).toEqual({ host: hostname(), rack: 'r12' });
    expect(read('[label]\nrack = "r12"\ncore = "1"').problems).toEqual([
      { line: 3, message: expect.stringContaining('a label "core" of their own') },
    ]);
    expect(read('label = "a"').problems[0]?.message).toContain('label is a table');
  });
});

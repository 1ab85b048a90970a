import { describe, expect, test } from 'vitest';
import { figure, renderTable } from '../../bench/report/table.ts';

describe('renderTable', () => {
  test('is Markdown whose columns stand under each other, numbers to the right', () => {
    const text = renderTable(
      [{ heading: 'tool' }, { heading: 'CPU µs', numeric: true }],
      [
        ['hzstat', '912'],
        ['psutil loop', '1,040'],
      ],
    );
    expect(text).toBe(
      [
        '| tool        | CPU µs |',
        '| ----------- | -----: |',
        '| hzstat      |    912 |',
        '| psutil loop |  1,040 |',
        '',
      ].join('\n'),
    );
  });
});

describe('figure', () => {
  test.each([
    [0.1234, '0.12'],
    [12.34, '12.3'],
    [123.4, '123'],
    [1234.5, '1,235'],
    [-12.34, '-12.3'],
    [0, '0.00'],
  ])('of %d has the digits that mean something', (value, text) => {
    expect(figure(value)).toBe(text);
  });

  test('of what was not measured is a dash, never a number', () => {
    expect(figure(undefined)).toBe('–');
    expect(figure(Number.NaN)).toBe('–');
  });
});

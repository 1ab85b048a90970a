import { describe, expect, test } from 'vitest';
import { coarser, historySql, resolutionFor, sourcesOf } from '../../../../src/dashboard/data/history_sql.ts';
import { alignRows, before, historyRows } from '../../../../src/dashboard/data/history_window.ts';
import { metricKey, metricOf } from '../../../../src/dashboard/data/metric.ts';

describe('the resolution', () => {
  test.each([
    [10, '', 0],
    [120, '', 0],
    [600, '', 0.5],
    [3600, '_1s', 5],
    [6 * 3600, '_1s', 30],
    [24 * 3600, '_1m', 120],
    [7 * 86_400, '_1m', 600],
  ])('for %i seconds on 700 pixels', (span, suffix, width) => {
    expect(resolutionFor(span, 700, 0.1)).toEqual({ suffix, width });
  });

  test('falls back to what is kept longer', () => {
    expect(coarser({ suffix: '', width: 0 })).toEqual({ suffix: '_1s', width: 1 });
    expect(coarser({ suffix: '_1s', width: 5 })).toEqual({ suffix: '_1m', width: 60 });
    expect(coarser({ suffix: '_1m', width: 60 })).toBeUndefined();
  });
});

test('a label may hold whatever a name may', () => {
  const key = metricKey('network_interface', 'bytes_recv_per_sec', "br|0'x");
  expect(metricOf(key)).toEqual({
    table: 'network_interface',
    label: "br|0'x",
    column: 'bytes_recv_per_sec',
  });
  const sql = historySql(sourcesOf([key]), { from: 0, to: 1 }, { suffix: '', width: 0 }, 1000);
  expect(sql).toContain("IN ('br|0''x')");
});

describe('answers', () => {
  const sources = sourcesOf(['cpu||usage_percent', 'memory||percent']);

  test('are laid over one time axis, with nulls where a table has no row and where nobody has', () => {
    const rows = historyRows([
      [
        'cpu',
        '',
        [0, 1e6, 9e6],
        [
          [1, 2, 3],
          [1, 2, 3],
          [1, 2, 3],
        ],
      ],
      ['memory', '', [1e6], [[50], [51], [52]]],
      ['disk', '', null, null],
    ]);
    const { times, bands } = alignRows(rows, sources, { suffix: '_1s', width: 1 });
    expect(times).toEqual([0, 1, 5, 9]);
    expect(bands.get('cpu||usage_percent')?.avg).toEqual([1, 2, null, 3]);
    expect(bands.get('memory||percent')).toEqual({
      min: [null, 50, null, null],
      avg: [null, 51, null, null],
      max: [null, 52, null, null],
    });
  });

  test('are cut where memory knows better', () => {
    const rows = historyRows([
      [
        'cpu',
        '',
        [0, 1e6, 2e6],
        [
          [1, 2, 3],
          [1, 2, 3],
          [1, 2, 3],
        ],
      ],
    ]);
    const buckets = alignRows(rows, sources, { suffix: '_1s', width: 1 });
    expect(before(buckets, 1.5).bands.get('cpu||usage_percent')?.avg).toEqual([1, 2]);
  });
});

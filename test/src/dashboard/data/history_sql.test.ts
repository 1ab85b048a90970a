import { describe, expect, test } from 'vitest';
import { coarser, historySql, resolutionFor, sourcesOf } from '../../../../src/dashboard/data/history_sql.ts';
import {
  alignRows,
  before,
  filled,
  historyRows,
  isWhole,
  stretchesOf,
} from '../../../../src/dashboard/data/history_window.ts';
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

describe('where raw rows are no longer kept', () => {
  const sources = sourcesOf(['cpu||usage_percent', 'memory||percent']);
  const US = 1e6;
  /** Ten rows a second from one second to before another, as an answer has them. */
  const rawRows = (source: string, from: number, to: number) => {
    const t = Array.from({ length: (to - from) * 10 }, (_, i) => from * US + i * 100_000);
    const values = t.map((time) => time / US);
    return { source, label: '', t, v: [values, values, values] };
  };
  const seconds = (source: string, from: number, to: number) => {
    const t = Array.from({ length: to - from }, (_, i) => (from + i + 0.5) * US);
    return { source, label: '', t, v: [1, 2, 3].map((value) => t.map(() => value)) };
  };

  test('that is found, but for the ends of the range and missed ticks', () => {
    const rows = [rawRows('cpu', 100, 110), rawRows('memory', 113, 120)];
    const kept = stretchesOf(rows, 0.1);
    expect(kept).toEqual([
      { from: 100, to: 109.9 },
      { from: 113, to: 119.9 },
    ]);
    expect(isWhole(kept, { from: 100, to: 120 }, 0.1)).toBe(false);
    expect(isWhole(kept.slice(0, 1), { from: 99.5, to: 111 }, 0.1)).toBe(true);
    expect(isWhole(kept.slice(0, 1), { from: 97, to: 110 }, 0.1)).toBe(false);
    expect(isWhole(kept.slice(0, 1), { from: 100, to: 115 }, 0.1)).toBe(false);
    expect(isWhole([], { from: 100, to: 120 }, 0.1)).toBe(false);
    expect(stretchesOf(rows, 2)).toEqual([{ from: 100, to: 119.9 }]);
  });

  test('their rollups stand as steps, and no second has both', () => {
    const rows = filled([rawRows('cpu', 103, 105)], [seconds('cpu', 100, 108), seconds('memory', 100, 108)]);
    const { times, width, bands } = alignRows(rows, sources, { suffix: '', width: 0 });
    expect(times).toHaveLength(80);
    expect(width).toBeCloseTo(0.1);
    const cpu = bands.get('cpu||usage_percent');
    const at = (time: number): number => times.findIndex((candidate) => candidate > time);
    expect([cpu?.min[at(100)], cpu?.avg[at(100.8)], cpu?.max[at(107.9)]]).toEqual([1, 2, 3]);
    expect(cpu?.avg.slice(at(102.999), at(104.95))).toEqual(rawRows('cpu', 103, 105).v[0]);
    expect(bands.get('memory||percent')?.avg[at(104)]).toBeNull();
    expect(bands.get('memory||percent')?.avg[at(106)]).toBe(2);
  });

  test('they begin and end within a second where raw rows do, and leave pauses in these alone', () => {
    const t = [103.75, 103.85, 103.95, 104.05, 104.75, 104.85].map((second) => second * US);
    const raw = { source: 'cpu', label: '', t, v: [t, t, t] };
    const [row] = filled([raw], [seconds('cpu', 103, 107)]);
    const added = row!.t.slice(t.length).map((time) => time / US);
    const fromTo = (from: number, to: number): number[] =>
      Array.from({ length: Math.round((to - from) * 10) }, (_, i) => Math.round((from + i / 10) * 100) / 100);
    expect(added).toEqual(fromTo(104.95, 107.05));
    const [longer] = filled([raw], [seconds('cpu', 100, 107)]);
    expect(longer!.t.slice(t.length).map((time) => time / US)).toEqual([
      ...fromTo(100.05, 103.75),
      ...fromTo(104.95, 107.05),
    ]);
  });

  test('a gap that rollups have as well stays one', () => {
    const rows = filled([rawRows('cpu', 100, 102)], [seconds('cpu', 100, 102), seconds('cpu', 120, 122)]);
    const { times, bands } = alignRows(rows, sources, { suffix: '', width: 0 });
    expect(bands.get('cpu||usage_percent')?.avg[times.findIndex((time) => time > 105)]).toBeNull();
  });
});

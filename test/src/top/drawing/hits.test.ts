import { expect, test } from 'vitest';
import { Grid } from '../../../../src/top/drawing/grid.ts';
import { Hits } from '../../../../src/top/drawing/hits.ts';
import { Region } from '../../../../src/top/drawing/region.ts';

test('what lies above is pointed at, to the cell', () => {
  const hits = new Hits<string>();
  const screen = new Region(new Grid(20, 10), 0, 0, 20, 10);
  hits.add(screen.part(2, 2, 10, 5), 'panel');
  hits.add(screen.part(2, 2, 10, 5).part(3, 1, 4, 1), 'row');
  expect(hits.at(2, 2)).toBe('panel');
  expect(hits.at(5, 3)).toBe('row');
  expect(hits.at(8, 3)).toBe('row');
  expect(hits.at(9, 3)).toBe('panel');
  expect([hits.at(1, 2), hits.at(12, 2), hits.at(2, 7)]).toEqual([undefined, undefined, undefined]);
  hits.clear();
  expect(hits.at(5, 3)).toBeUndefined();
});

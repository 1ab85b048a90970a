import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Grid } from '../../../../src/top/drawing/grid.ts';
import { Painter } from '../../../../src/top/drawing/painter.ts';
import { Region } from '../../../../src/top/drawing/region.ts';
import { STYLE, type Style } from '../../../../src/top/drawing/style.ts';
import { TestScreen } from '../../../support/screen.ts';

const WIDTH = 24;
const HEIGHT = 5;

/** A frame: texts at places, some of which lie outside. */
const frames = fc.array(
  fc.array(
    fc.record({
      x: fc.integer({ min: -4, max: WIDTH + 2 }),
      y: fc.integer({ min: 0, max: HEIGHT }),
      text: fc.string({ unit: fc.constantFrom('a', 'b', ' ', '█', '▁', '·'), maxLength: WIDTH }),
      style: fc.constantFrom<Style>(...Object.values(STYLE)),
    }),
    { maxLength: 8 },
  ),
  { minLength: 1, maxLength: 6 },
);

test('whatever was shown before, the terminal shows the grid after', () => {
  fc.assert(
    fc.property(frames, fc.boolean(), (list, colour) => {
      const grid = new Grid(WIDTH, HEIGHT);
      const painter = new Painter(colour);
      const screen = new TestScreen(WIDTH, HEIGHT);
      for (const frame of list) {
        grid.clear();
        const region = new Region(grid, 0, 0, WIDTH, HEIGHT);
        for (const { x, y, text, style } of frame) region.text(x, y, text, style);
        screen.write(painter.paint(grid));
        expect(screen.rows).toEqual(grid.rows());
      }
    }),
  );
});

test('what did not change is not written', () => {
  const grid = new Grid(WIDTH, HEIGHT);
  const painter = new Painter(true);
  const region = new Region(grid, 0, 0, WIDTH, HEIGHT);
  region.text(0, 0, 'usage 12.3 %');
  painter.paint(grid);
  expect(painter.paint(grid)).toBe('');
  region.text(0, 0, 'usage 12.4 %');
  const change = painter.paint(grid);
  expect(change).toContain('4');
  expect(change).not.toContain('usage');
  painter.forget();
  expect(painter.paint(grid)).toContain('usage 12.4 %');
});

test('a change of style alone is a change', () => {
  const grid = new Grid(WIDTH, HEIGHT);
  const painter = new Painter(true);
  const region = new Region(grid, 0, 0, WIDTH, HEIGHT);
  region.text(0, 0, 'late', STYLE.plain);
  painter.paint(grid);
  region.text(0, 0, 'late', STYLE.bad);
  expect(painter.paint(grid)).toContain('late');
});

test('without colour no sequence asks for one', () => {
  const grid = new Grid(WIDTH, HEIGHT);
  const region = new Region(grid, 0, 0, WIDTH, HEIGHT);
  for (const [index, style] of Object.values(STYLE).entries()) region.text(index, 0, 'x', style);
  const parameters = (colour: boolean): string[] =>
    new Painter(colour)
      .paint(grid)
      .split('\u001b[')
      .flatMap((sequence) => /^([\d;]+)m/.exec(sequence)?.[1]?.split(';') ?? []);
  const isColour = (parameter: string): boolean => /^[349]\d$/.test(parameter);
  expect(parameters(true).some(isColour)).toBe(true);
  expect(parameters(false).some(isColour)).toBe(false);
});

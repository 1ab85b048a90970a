import { expect, test } from 'vitest';
import { AnswerLine } from '../../../../src/server/http/answer_line.ts';
import { WorkBudget } from '../../../../src/server/limits/work_budget.ts';

/** A line whose answers take three milliseconds each, of a clock that runs at a tenth of its budget. */
function busyLine() {
  let workedMs = 0;
  const startMs = performance.now();
  const now = (): number => performance.now() - startMs + workedMs;
  const line = new AnswerLine(new WorkBudget(0.5, 5, now));
  const made: number[] = [];
  const make = (which: number) => (): void => {
    workedMs += 3;
    made.push(which);
  };
  return { line, made, make };
}

test('answers are made at once while the budget lasts, then in their order', async () => {
  const { line, made, make } = busyLine();
  const over = new Promise<void>((resolve) => {
    for (let which = 0; which < 9; which++) line.answer(make(which), false);
    line.answer(resolve, false);
  });
  const atOnce = made.length;
  expect(atOnce).toBeGreaterThanOrEqual(1);
  expect(atOnce).toBeLessThan(9);
  await over;
  expect(made).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what is urgent waits for nobody', () => {
  const { line, made, make } = busyLine();
  for (let which = 0; which < 9; which++) line.answer(make(which), false);
  line.answer(make(100), true);
  expect(made.at(-1)).toBe(100);
});

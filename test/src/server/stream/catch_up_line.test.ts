import { describe, expect, test } from 'vitest';
import { WorkBudget } from '../../../../src/server/limits/work_budget.ts';
import { CatchUpLine } from '../../../../src/server/stream/catch_up_line.ts';

const turn = (): Promise<void> => new Promise(setImmediate);

function lineOf(share = 1, mostMs = 1_000): CatchUpLine {
  return new CatchUpLine(new WorkBudget(share, mostMs));
}

describe('the line of those who catch up', () => {
  test('lets four in at once and the others in their order', async () => {
    const line = lineOf();
    const entered: number[] = [];
    const leaves: (() => void)[] = [];
    const come = async (who: number): Promise<void> => {
      const leave = await line.enter();
      entered.push(who);
      leaves.push(leave);
    };
    const all = Promise.all([0, 1, 2, 3, 4, 5, 6].map(come));
    await turn();
    expect(entered).toEqual([0, 1, 2, 3]);
    leaves[2]!();
    await turn();
    expect(entered).toEqual([0, 1, 2, 3, 4]);
    for (const leave of leaves.slice()) leave();
    await all;
    expect(entered).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('takes a place back once, however often it is given', async () => {
    const line = lineOf();
    const places = await Promise.all([line.enter(), line.enter(), line.enter(), line.enter()]);
    places[0]!();
    places[0]!();
    await line.enter();
    let isIn = false;
    const sixth = line.enter().then(() => {
      isIn = true;
    });
    await turn();
    expect(isIn).toBe(false);
    places[1]!();
    await sixth;
  });

  test('has everybody wait when the budget is spent', async () => {
    let nowMs = 0;
    const line = new CatchUpLine(new WorkBudget(0.5, 10, () => nowMs));
    expect(await line.pay(() => 'done')).toBe('done');
    line.spend(12);
    // Two milliseconds too much are made good in four.
    const before = performance.now();
    await line.pause();
    expect(performance.now() - before).toBeGreaterThanOrEqual(3);
    nowMs = 4;
    await line.pause();
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type BudgetLine, parseBudget, readBudget } from '../../bench/budget/budget.ts';
import { describeVerdict, judgeForCi, judgeTargets } from '../../bench/budget/verdict.ts';

const BUDGET = new URL('../../bench/budget.json', import.meta.url).pathname;

const line: BudgetLine = {
  name: '10 Hz: CPU a snapshot',
  bench: 'overhead',
  kind: 'enforced',
  figure: 'ours',
  unit: 'µs',
  target: { at_most: 1_000 },
  ci: { over: 'control', at_most: 2 },
};

function judged(figures: Record<string, number>, lines: readonly BudgetLine[] = [line]) {
  const map = new Map(Object.entries(figures));
  return { target: judgeTargets(lines, map)[0]!, ci: judgeForCi(lines, map)[0]! };
}

describe('a line of the budget', () => {
  test('is kept up to its limit', () => {
    const { target, ci } = judged({ ours: 1_000, control: 500 });
    expect(target).toMatchObject({ outcome: 'kept', value: 1_000 });
    expect(ci).toMatchObject({ outcome: 'kept', value: 2 });
  });

  test('is broken beyond it, by how much is said', () => {
    const { target, ci } = judged({ ours: 1_500, control: 500 });
    expect(target).toMatchObject({ outcome: 'broken', beyond_percent: 50 });
    expect(describeVerdict(target)).toMatch(/^OVER BUDGET .*10 Hz: CPU a snapshot: 1,500 µs.*1,000.*50\.0 %/);
    expect(ci).toMatchObject({ outcome: 'broken', value: 3, beyond_percent: 50 });
    expect(describeVerdict(ci)).toContain('× control');
  });

  test('relative to a control survives a machine that is slow for both', () => {
    expect(judged({ ours: 9_000, control: 5_000 }).ci.outcome).toBe('kept');
  });

  test('that asks for at least so much is broken below it', () => {
    const onTime: BudgetLine = { ...line, target: { at_least: 99 }, ci: { at_least: 80 } };
    expect(judged({ ours: 99 }, [onTime]).target.outcome).toBe('kept');
    const { target, ci } = judged({ ours: 90 }, [onTime]);
    expect(target.outcome).toBe('broken');
    expect(target.beyond_percent).toBeCloseTo(10);
    expect(ci.outcome).toBe('kept');
  });

  test('is not kept when it could not be measured', () => {
    expect(judged({ ours: 1_000 }).ci.outcome).toBe('unmeasured');
    expect(judged({ control: 500 }).target.outcome).toBe('unmeasured');
    expect(describeVerdict(judged({}).ci)).toMatch(/^UNMEASURED .*10 Hz/);
  });

  test('that is only a target is not held against CI', () => {
    const { ci: _, ...rest } = line;
    expect(judgeForCi([{ ...rest, kind: 'target' }], new Map())).toEqual([]);
  });
});

describe('the budget', () => {
  const text = readFileSync(BUDGET, 'utf8');

  test('as it is written can be read', () => {
    expect(readBudget(BUDGET).length).toBeGreaterThan(10);
  });

  test.each([
    ['an enforced line without a limit for CI', { ci: undefined }, /enforced lines have a ci limit/],
    ['a target with a limit for CI', { kind: 'target' }, /enforced lines have a ci limit/],
    ['a limit in both directions', { target: { at_most: 1, at_least: 0 } }, /either at_most or at_least/],
    ['a limit that is no number', { target: { at_most: '1000' } }, /either at_most or at_least/],
    ['a kind there is not', { kind: 'hope' }, /no kind is called hope/],
    ['a benchmark there is not', { bench: 'vibes' }, /no benchmark is called vibes/],
  ])('with %s is refused, naming the line', (_, change, message) => {
    const broken = JSON.stringify({ lines: [{ ...line, ...change }] });
    expect(() => parseBudget(broken)).toThrow(message);
    expect(() => parseBudget(broken)).toThrow(line.name);
  });

  test('holds every target that was promised', () => {
    const { lines }: { lines: BudgetLine[] } = JSON.parse(text);
    const targetOf = (figure: string, over?: string) =>
      lines.find(({ figure: name, target }) => name === figure && target.over === over)?.target;
    const typical = (hz: number) => `hzstat.${hz}hz.history.1client`;
    expect(targetOf(`${typical(10)}.cpu_us`)?.at_most).toBe(1_000);
    expect(targetOf(`${typical(10)}.cpu_us`, 'psutil.10hz.cpu_us')?.at_most).toBe(1);
    expect(targetOf(`${typical(100)}.cpu_us`)?.at_most).toBe(400);
    expect(targetOf(`${typical(100)}.cpu_us`, 'psutil.100hz.cpu_us')?.at_most).toBe(0.5);
    expect(targetOf(`${typical(1_000)}.cpu_us`)?.at_most).toBe(250);
    expect(targetOf(`${typical(1_000)}.on_time_percent`)?.at_least).toBe(99);
    expect(targetOf(`${typical(1)}.core_percent`)?.at_most).toBe(0.3);
    expect(targetOf(`${typical(10)}.pss_mb`)?.at_most).toBe(150);
    expect(targetOf('hzstat.start.first_snapshot_ms')?.at_most).toBe(1_000);
    expect(targetOf(`${typical(10)}.latency_p99_ms`)?.at_most).toBe(5);
    expect(targetOf(`${typical(100)}.latency_p99_ms`)?.at_most).toBe(5);
    expect(targetOf('fanout.uws.1000clients.cpu_us')?.at_most).toBe(5);
  });
});

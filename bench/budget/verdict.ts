import { figure } from '../report/table.ts';
import type { BudgetLine, Limit } from './budget.ts';

/** What a benchmark has measured, by name. */
export type Figures = ReadonlyMap<string, number>;

/** What became of one line of the budget. */
export interface Verdict {
  readonly name: string;
  /** A line that could not be measured is not known to be kept. */
  readonly outcome: 'kept' | 'broken' | 'unmeasured';
  readonly limit: Limit;
  readonly unit: string;
  /** The figure, or the quotient that is limited. */
  readonly value?: number;
  /** By how much the value is beyond the limit, in percent of the limit; negative within it. */
  readonly beyond_percent?: number;
}

/** Judges the lines by their targets. */
export function judgeTargets(lines: readonly BudgetLine[], figures: Figures): Verdict[] {
  return lines.map((line) => judge(line, line.target, figures));
}

/** Judges the enforced lines by what must hold on any machine. */
export function judgeForCi(lines: readonly BudgetLine[], figures: Figures): Verdict[] {
  return lines.flatMap((line) => (line.ci === undefined ? [] : [judge(line, line.ci, figures)]));
}

function judge(line: BudgetLine, limit: Limit, figures: Figures): Verdict {
  const { name } = line;
  const unit = limit.over === undefined ? line.unit : `× ${limit.over}`;
  const measured = figures.get(line.figure);
  const divisor = limit.over === undefined ? 1 : figures.get(limit.over);
  if (measured === undefined || divisor === undefined) return { name, outcome: 'unmeasured', limit, unit };
  const value = measured / divisor;
  const beyond =
    limit.at_most === undefined ? limit.at_least! / value - 1 : (value - limit.at_most) / limit.at_most;
  const outcome = beyond <= 0 ? 'kept' : 'broken';
  return { name, outcome, limit, unit, value, beyond_percent: 100 * beyond };
}

/** The verdict in one line. */
export function describeVerdict({ name, outcome, limit, unit, value, beyond_percent }: Verdict): string {
  const bound =
    limit.at_most === undefined ? `at least ${figure(limit.at_least)}` : `at most ${figure(limit.at_most)}`;
  switch (outcome) {
    case 'kept':
      return `ok           ${name}: ${figure(value)} ${unit}, ${bound}`;
    case 'broken':
      return `OVER BUDGET  ${name}: ${figure(value)} ${unit}, ${bound}: ${figure(beyond_percent)} % beyond`;
    case 'unmeasured':
      return `UNMEASURED   ${name}: ${bound} ${unit}`;
  }
}

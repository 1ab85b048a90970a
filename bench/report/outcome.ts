import { type BudgetLine, readBudget } from '../budget/budget.ts';
import { describeVerdict, type Figures, judgeForCi, judgeTargets } from '../budget/verdict.ts';
import { describeHost, type HostFacts } from '../measure/host.ts';
import { SOURCES } from '../paths.ts';

/** What a benchmark with a budget has to say. */
export interface Outcome {
  readonly bench: BudgetLine['bench'];
  /** The short form is held to what CI enforces, the full form to the targets. */
  readonly short: boolean;
  readonly host: HostFacts;
  readonly figures: Figures;
  /** Everything measured, for machines. */
  readonly result: unknown;
  /** The same for people. */
  readonly tables: readonly string[];
}

/** Prints the outcome on stdout and the verdicts on stderr; returns whether the budget is kept. */
export function reportOutcome(outcome: Outcome, asJson: boolean): boolean {
  const { bench, short, host, figures, result, tables } = outcome;
  const lines = readBudget(`${SOURCES}budget.json`).filter((line) => line.bench === bench);
  const measured = lines.filter(({ figure }) => short || figures.has(figure));
  const verdicts = short ? judgeForCi(lines, figures) : judgeTargets(measured, figures);
  if (asJson) {
    const all = { bench, short, host, figures: Object.fromEntries(figures), verdicts, result };
    process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
  } else {
    process.stdout.write(`${describeHost(host)}\n\n${tables.join('\n')}\n`);
  }
  for (const verdict of verdicts) process.stderr.write(`${describeVerdict(verdict)}\n`);
  return verdicts.every(({ outcome }) => outcome === 'kept');
}

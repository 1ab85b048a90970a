import { readFileSync } from 'node:fs';

const BENCHES = ['overhead', 'fanout', 'history'] as const;

/** What a figure may be. With `over` it is the quotient of two figures of the same run that is limited. */
export interface Limit {
  readonly over?: string;
  readonly at_most?: number;
  readonly at_least?: number;
}

/** One line of the budget. */
export interface BudgetLine {
  readonly name: string;
  /** The benchmark that measures it. */
  readonly bench: (typeof BENCHES)[number];
  /** `enforced` lines are also held in CI, to their `ci` limit; `target` lines by the full benchmark only. */
  readonly kind: 'target' | 'enforced';
  readonly figure: string;
  readonly unit: string;
  /** The Node it holds for, by its major version; for all where this does not say. */
  readonly node?: number;
  /** What is wanted on an idle machine. */
  readonly target: Limit;
  /** What holds on a noisy machine and a deliberate slow-down breaks. */
  readonly ci?: Limit;
}

/** The lines that hold for this Node. @throws Error naming the line that is wrong and what is wrong with it */
export function readBudget(path: string): BudgetLine[] {
  const major = Number.parseInt(process.versions.node, 10);
  return parseBudget(readFileSync(path, 'utf8')).filter(({ node = major }) => node === major);
}

/** @throws Error naming the line that is wrong and what is wrong with it */
export function parseBudget(text: string): BudgetLine[] {
  const { lines }: { lines: BudgetLine[] } = JSON.parse(text);
  for (const line of lines) {
    const trouble = troubleWith(line);
    if (trouble !== undefined) throw new Error(`budget line "${line.name}": ${trouble}`);
  }
  return lines;
}

function troubleWith({ bench, kind, target, ci }: BudgetLine): string | undefined {
  if (!BENCHES.includes(bench)) return `no benchmark is called ${String(bench)}`;
  if (kind !== 'target' && kind !== 'enforced') return `no kind is called ${String(kind)}`;
  if ((kind === 'enforced') !== (ci !== undefined)) return 'exactly the enforced lines have a ci limit';
  for (const limit of [target, ci]) {
    if (limit === undefined) continue;
    const bounds = [limit.at_most, limit.at_least].filter((bound) => typeof bound === 'number');
    if (bounds.length !== 1) return 'a limit is either at_most or at_least a number';
  }
  return undefined;
}

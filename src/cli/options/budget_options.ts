import { HzstatError } from '../../base/errors.ts';
import { argument } from './options.ts';
import { Setting } from './setting.ts';

const DEFAULT_PERCENT = 2;
/** Whoever asks for a higher rate than the default's has decided what it may cost. */
const SHORTEST_GOVERNED_MS = 100;
const MOST_PERCENT = 100_000;

/** What the sampler may cost: a share of one core in percent, `off`, or undefined for what fits the interval. */
export interface BudgetOptions {
  budget?: number | 'off';
}

/** A share of one core in percent, or `off`. @throws HzstatError BAD_FLAG */
export function parseBudget(text: string): number | 'off' {
  if (text === 'off') return 'off';
  const percent = Number(/^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1]);
  if (percent > 0 && percent <= MOST_PERCENT) return percent;
  throw new HzstatError('BAD_FLAG', `"${text}" is no budget: write 2% (of one core) or off`);
}

export function budgetOption(): Setting {
  return new Setting('--budget <share>', 'share of one core to stay within by sampling less often, or off')
    .example('2%')
    .env('HZSTAT_BUDGET')
    .default(undefined, '2%, or off with an interval below 100ms')
    .argParser(argument(parseBudget));
}

/** The budget in force; undefined for none. */
export function budgetPercent(budget: BudgetOptions['budget'], intervalMs: number): number | undefined {
  if (budget === 'off') return undefined;
  return budget ?? (intervalMs < SHORTEST_GOVERNED_MS ? undefined : DEFAULT_PERCENT);
}

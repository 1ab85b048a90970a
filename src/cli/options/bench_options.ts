import { Option } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import type { SamplingOptions } from '../../service/settings.ts';
import { budgetOption } from './budget_options.ts';
import { argument, collectorOptions, hostOptions } from './options.ts';

const FASTEST_HZ = 1_000;
const BUDGET_PERCENT = 2;

/** Options of `hzstat bench`. */
export interface BenchOptions extends Omit<SamplingOptions, 'interval'> {
  budget: number | 'off';
  history: boolean;
  rates?: number[];
  json?: boolean;
}

/** Rates separated by commas, each at most a thousand a second, in ascending order. @throws HzstatError BAD_FLAG */
export function parseRates(text: string): number[] {
  const rates = text.split(',').map(Number);
  if (rates.every((hz) => hz > 0 && hz <= FASTEST_HZ)) return [...new Set(rates)].sort((a, b) => a - b);
  const message = `"${text}" is no list of rates: write 1,10,100 (at most ${FASTEST_HZ} a second)`;
  throw new HzstatError('BAD_FLAG', message);
}

export function benchOptions(): Option[] {
  return [
    ...collectorOptions(),
    ...hostOptions(),
    budgetOption().default(BUDGET_PERCENT, `${BUDGET_PERCENT}%`),
    new Option('--rates <list>', 'snapshots a second to try, such as 1,10,100').argParser(
      argument(parseRates),
    ),
    new Option('--no-history', 'record nothing'),
    new Option('--json', 'print the figures as JSON'),
  ];
}

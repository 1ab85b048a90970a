import { parseArgs } from 'node:util';
import { MeasuredProcess } from '../processes/measured_process.ts';
import { type Outcome, reportOutcome } from './outcome.ts';

/** The flags of a benchmark that has a budget. */
export interface BenchFlags {
  /** The form that CI has time for. */
  readonly short: boolean;
  /** Only what is left running for twenty minutes. */
  readonly steady: boolean;
  /** Only these rates or numbers of clients. */
  readonly only: readonly number[] | undefined;
  readonly rounds: number | undefined;
  /** CPU the product is made to waste at every tick, to see that the budget notices. */
  readonly handicapUs: number | undefined;
}

/** Runs a benchmark from the command line: 0 when its budget is kept, 1 when it is not or it failed, 2 for bad flags. */
export async function runBench(bench: (flags: BenchFlags) => Promise<Outcome>): Promise<void> {
  process.on('exit', () => MeasuredProcess.killAll());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const { flags, json } = flagsOf(process.argv.slice(2));
  try {
    process.exitCode = reportOutcome(await bench(flags), json) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}

function flagsOf(args: string[]): { flags: BenchFlags; json: boolean } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        short: { type: 'boolean', default: false },
        steady: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        rounds: { type: 'string' },
        'handicap-us': { type: 'string' },
      },
    });
    const flags = {
      short: values.short,
      steady: values.steady,
      only: values.only?.split(',').map(positive),
      rounds: optional(values.rounds),
      handicapUs: optional(values['handicap-us']),
    };
    return { flags, json: values.json };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(
      'flags: [--short] [--steady] [--json] [--only 10,100] [--rounds 3] [--handicap-us 2000]\n',
    );
    process.exit(2);
  }
}

function optional(text: string | undefined): number | undefined {
  return text === undefined ? undefined : positive(text);
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`"${text}" is no positive whole number`);
}

import { Command, Option } from 'commander';
import { accessOptions, clientOptions, tokenOptions } from './access_options.ts';
import { type BenchOptions, benchOptions } from './bench_options.ts';
import { budgetOption } from './budget_options.ts';
import type { DoctorOptions } from './doctor.ts';
import {
  argument,
  dataDirOption,
  historyOptions,
  hostOptions,
  listenOption,
  listOf,
  parseCount,
  type SamplingOptions,
  samplingOptions,
  urlOption,
  viewOptions,
} from './options.ts';
import { requireLinux } from './platform.ts';
import type { QueryOptions } from './query.ts';
import type { ServeOptions } from './serve.ts';
import type { StreamOptions } from './stream.ts';
import type { TopOptions } from './top.ts';
import { VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  hzstat                                 sample ten times a second and stream on 127.0.0.1:4410
  hzstat serve --interval 10ms           a hundred times a second
  hzstat snapshot | jq .cpu              one look, no server needed
  hzstat stream --count 5                follow a running server
  hzstat query "SELECT max(usage_percent) FROM cpu"
                                         SQL over what was recorded
  hzstat top                             watch it in the terminal
  hzstat doctor                          what this machine offers and withholds
  hzstat bench --budget 2%               what each rate would cost on this machine`;

/** The command line: every command, with the flags it takes. Commands load their code when they run. */
export function createProgram(): Command {
  const program = new Command('hzstat')
    .description('High-frequency sampler for Linux: what happened inside that second?')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'hzstat: ')) })
    .exitOverride();

  withOptions(command(program, 'serve', { isDefault: true }), [
    ...samplingOptions(),
    listenOption(),
    ...accessOptions(),
    ...historyOptions(),
    budgetOption(),
  ])
    .description('sample, stream and record until Ctrl-C or SIGTERM')
    .action(async (options: ServeOptions) => {
      requireLinux();
      const { serveCommand } = await import('./serve.ts');
      await serveCommand(options);
    });

  withOptions(command(program, 'snapshot'), samplingOptions())
    .description('print one complete snapshot as JSON; needs no server')
    .action(async (options: SamplingOptions) => {
      requireLinux();
      const { snapshotCommand } = await import('./snapshot.ts');
      await snapshotCommand(options);
    });

  withOptions(command(program, 'stream'), [urlOption(), ...clientOptions()])
    .description('follow a running server: one JSON object a line')
    .option('-n, --count <number>', 'end after this many snapshots', argument(parseCount))
    .option('-i, --interval <duration>', "time between two snapshots, if longer than the server's own")
    .addOption(new Option('-c, --collectors <names>', 'only these collectors').argParser(listOf))
    .option('-s, --since <when>', 'history first: 5m, a time (ISO 8601), or the last sequence number seen')
    .addOption(
      new Option('-a, --aggregate <how>', 'for a longer interval: add minimum and maximum of every number')
        .choices(['mean', 'minmax'])
        .default(undefined, 'mean'),
    )
    .action(async (options: StreamOptions) => {
      const { streamCommand } = await import('./stream.ts');
      await streamCommand(options);
    });

  withOptions(command(program, 'query'), [urlOption(), ...clientOptions()])
    .description('ask the recorded history in SQL')
    .argument('<sql>', 'one statement that reads; SHOW TABLES lists what there is')
    .addOption(dataDirOption().default(undefined, 'the running server decides'))
    .addOption(
      new Option('-f, --format <format>', 'how to print').choices(['table', 'json', 'csv']).default('table'),
    )
    .action(async (sql: string, options: QueryOptions) => {
      const { queryCommand } = await import('./query.ts');
      await queryCommand(sql, options);
    });

  withOptions(command(program, 'top'), [...viewOptions(), ...clientOptions()])
    .description('watch a running server in the terminal, or this host when none runs')
    .action(async (options: TopOptions) => {
      const { topCommand } = await import('./top.ts');
      await topCommand(options);
    });

  withOptions(command(program, 'doctor'), [...hostOptions(), urlOption(), ...tokenOptions()])
    .description('tell what this machine offers and withholds, with the reason and the remedy')
    .option('--json', 'print the findings as JSON')
    .action(async (options: DoctorOptions) => {
      requireLinux();
      const { doctorCommand } = await import('./doctor.ts');
      await doctorCommand(options);
    });

  withOptions(command(program, 'bench'), benchOptions())
    .description('tell what each rate would cost on this machine, and which is the highest within a budget')
    .action(async (options: BenchOptions) => {
      requireLinux();
      const { benchCommand } = await import('./bench.ts');
      await benchCommand(options);
    });

  return program;
}

function command(program: Command, name: string, options?: { isDefault: boolean }): Command {
  return program.command(name, options).exitOverride().allowExcessArguments(false);
}

function withOptions(to: Command, options: readonly Option[]): Command {
  for (const option of options) to.addOption(option);
  return to;
}

import { Argument, Command, type CommandOptions, Option } from 'commander';
import { HzstatError } from '../base/errors.ts';
import { log, logAs } from '../base/log.ts';
import { DEFAULT_URL } from '../client/endpoint.ts';
import type { LakePlace } from '../forward/lake/lake_place.ts';
import { COLLECTOR_NAMES } from '../model/collectors.ts';
import type { SamplingOptions } from '../service/settings.ts';
import { VERSION } from '../service/version.ts';
import type { CollectorsOptions } from './commands/collectors.ts';
import type { DoctorOptions } from './commands/doctor.ts';
import type { FieldsOptions } from './commands/fields.ts';
import type { IncidentsOptions } from './commands/incidents.ts';
import type { MarkOptions } from './commands/mark.ts';
import { requireLinux } from './commands/platform.ts';
import type { QueryOptions } from './commands/query.ts';
import type { ServeOptions } from './commands/serve.ts';
import type { StreamOptions } from './commands/stream.ts';
import type { TopOptions } from './commands/top.ts';
import { optionHelp } from './help/option_help.ts';
import { accessOptions, clientOptions } from './options/access_options.ts';
import { type BenchOptions, benchOptions } from './options/bench_options.ts';
import { budgetOption } from './options/budget_options.ts';
import { SWITCHES, type Switch } from './options/collector_switch.ts';
import { configOption } from './options/config_options.ts';
import { labelOption } from './options/label_options.ts';
import { askedLakeOption, lakeOptions } from './options/lake_options.ts';
import { type LogOptions, logOption } from './options/log_options.ts';
import { Operand } from './options/operand.ts';
import {
  argument,
  dataDirOption,
  engineOption,
  historyOptions,
  hostOptions,
  listenOption,
  listOf,
  parseCount,
  samplingOptions,
  urlOption,
  viewOptions,
} from './options/options.ts';
import { PRINTED_TEXTS, type PrintedText } from './options/print_options.ts';
import { remoteWriteOptions } from './options/remote_write_options.ts';
import { readSwitches } from './options/switches.ts';
import { watchOptions } from './options/watch_options.ts';

const EXAMPLES = `
Examples:
  hzstat                                 sample ten times a second and stream on 127.0.0.1:4410
  hzstat serve --interval 10ms           a hundred times a second
  hzstat snapshot | jq .cpu              one look, no server needed
  hzstat stream --count 5                follow a running server
  hzstat query "SELECT max(usage_percent) FROM cpu"
                                         SQL over what was recorded
  hzstat top                             watch it in the terminal
  hzstat collectors on interrupts        start a collector of a running server
  hzstat fields cpu                      what each number means
  hzstat doctor                          what this machine offers and withholds
  hzstat bench --budget 2%               what each rate would cost on this machine`;

/** The command line: every command, with the flags it takes. Commands load their code when they run. */
export function createProgram(): Command {
  const program = new Command('hzstat')
    .description('High-frequency sampler for Linux: what happened inside that second?')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .configureHelp({ optionDescription: optionHelp })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'hzstat: ')) })
    .hook('preAction', (_, command) => readSwitches(command, process.env))
    .exitOverride();

  const serve = withOptions(command(program, 'serve', { isDefault: true }), [
    ...samplingOptions(),
    listenOption(),
    engineOption(),
    ...accessOptions(),
    ...historyOptions(),
    ...watchOptions(),
    budgetOption(),
    logOption(),
    labelOption(),
    ...lakeOptions(),
    ...remoteWriteOptions(),
    configOption(),
  ])
    .hook('preAction', async (_, command) => {
      const { configure } = await import('./config/configure.ts');
      const warnings = configure(command);
      logAs(command.opts<LogOptions>().logFormat);
      for (const warning of warnings) log.warn(`beware: ${warning}`);
    })
    .description('sample, stream and record until Ctrl-C or SIGTERM')
    .action(async (options: ServeOptions) => {
      requireLinux();
      const { serveCommand } = await import('./commands/serve.ts');
      await serveCommand(options);
    });

  withOptions(command(program, 'snapshot'), samplingOptions())
    .description('print one complete snapshot as JSON; needs no server')
    .action(async (options: SamplingOptions) => {
      requireLinux();
      const { snapshotCommand } = await import('./commands/snapshot.ts');
      await snapshotCommand(options);
    });

  withOptions(command(program, 'stream'), [urlOption(), ...clientOptions()])
    .description('follow a running server: one JSON object a line')
    .addOption(
      new Option('-n, --count <number>', 'end after this many snapshots')
        .default(undefined, 'never')
        .argParser(argument(parseCount)),
    )
    .addOption(
      new Option(
        '-i, --interval <duration>',
        'time between two snapshots, if longer than the server samples',
      ).default(undefined, "the server's own"),
    )
    .addOption(
      new Option('-c, --collectors <names>', 'only these collectors')
        .default(undefined, 'all')
        .argParser(listOf),
    )
    .addOption(
      new Option(
        '-s, --since <when>',
        'history first: 5m, a time (ISO 8601), or the last sequence number seen',
      ).default(undefined, 'now'),
    )
    .addOption(
      new Option('-a, --aggregate <how>', 'for a longer interval: add minimum and maximum of every number')
        .choices(['mean', 'minmax'])
        .default(undefined, 'mean'),
    )
    .action(async (options: StreamOptions) => {
      const { streamCommand } = await import('./commands/stream.ts');
      await streamCommand(options);
    });

  withOptions(command(program, 'query'), [
    optionalUrl('the server to ask', `${DEFAULT_URL}, or what was recorded here when none runs`),
    ...clientOptions(),
  ])
    .description('ask the recorded history in SQL')
    .argument('[sql]', 'one statement that reads, or - for standard input; SHOW TABLES lists what there is')
    .option('--file <file>', 'read the SQL from a file, - for standard input')
    .addOption(dataDirOption().default(undefined, 'the running server decides'))
    .addOption(askedLakeOption())
    .addOption(
      new Option('-f, --format <format>', 'how to print; ndjson, csv and parquet have no limit of rows')
        .choices(['table', 'json', 'ndjson', 'csv', 'parquet'])
        .default('table'),
    )
    .action(async (sql: string | undefined, options: QueryOptions, query: Command) => {
      const { queryCommand } = await import('./commands/query.ts');
      await queryCommand(sql, oneSource(query, options));
    });

  withOptions(command(program, 'collectors'), [urlOption(), ...clientOptions()])
    .description('list the collectors of a running server with their state, or switch them')
    .addArgument(
      new Argument('[switch]', 'on or off; without it all are listed, those not started too').choices(
        SWITCHES,
      ),
    )
    .addArgument(
      new Operand('[names...]', 'the collectors to switch; one that has not been started starts').offers(
        COLLECTOR_NAMES,
      ),
    )
    .addOption(formatOption())
    .action(async (to: Switch | undefined, names: string[], options: CollectorsOptions) => {
      const { collectorsCommand } = await import('./commands/collectors.ts');
      await collectorsCommand(to, names, options);
    });

  withOptions(command(program, 'incidents'), [
    optionalUrl('the server to ask', `${DEFAULT_URL}, or what was recorded here when none runs`),
    ...clientOptions(),
  ])
    .description('tell what happened, since when, and who did it')
    .argument('[id]', 'one of them, with its evidence')
    .addOption(
      new Option(
        '-s, --since <when>',
        'only those that lasted into this time: 1h, or a time (ISO 8601)',
      ).default(undefined, 'all that are kept'),
    )
    .option('-F, --follow', 'go on with those that begin and end from now on, until Ctrl-C')
    .addOption(dataDirOption().default(undefined, 'the running server decides'))
    .addOption(
      new Option('-f, --format <format>', 'how to print').choices(['table', 'json']).default('table'),
    )
    .action(async (id: string | undefined, options: IncidentsOptions, incidents: Command) => {
      const { incidentsCommand } = await import('./commands/incidents.ts');
      await incidentsCommand(id, oneSource(incidents, options));
    });

  withOptions(command(program, 'mark'), [urlOption(), ...clientOptions()])
    .description('put a note on the time axis of a running server')
    .argument('<text>', 'such as "deploy 42"')
    .option('--at <time>', 'the moment it is about (ISO 8601); without it now')
    .action(async (text: string, options: MarkOptions) => {
      const { markCommand } = await import('./commands/mark.ts');
      await markCommand(text, options);
    });

  command(program, 'fields')
    .description('tell what each field means: unit, kind, source, SQL column, Prometheus name')
    .addArgument(
      new Operand('[name]', 'a collector, a path such as disk.devices, a field, a column or a series').offers(
        COLLECTOR_NAMES,
      ),
    )
    .addOption(formatOption())
    .action(async (name: string | undefined, options: FieldsOptions) => {
      const { fieldsCommand } = await import('./commands/fields.ts');
      fieldsCommand(name, options);
    });

  withOptions(command(program, 'top'), [...viewOptions(), ...clientOptions()])
    .description('watch a running server in the terminal, or this host when none runs')
    .action(async (options: TopOptions) => {
      const { topCommand } = await import('./commands/top.ts');
      await topCommand(options);
    });

  withOptions(command(program, 'doctor'), [
    ...hostOptions(),
    optionalUrl('the server whose cost is told', `${DEFAULT_URL}, if one runs there`),
    ...clientOptions(),
    configOption(),
  ])
    .description('tell what this machine offers and withholds, with the reason and the remedy')
    .option('--json', 'print the findings as JSON')
    .action(async (_: DoctorOptions, doctor: Command) => {
      requireLinux();
      const { checkConfig } = await import('./config/check.ts');
      const configuration = await checkConfig(doctor, serve);
      const { doctorCommand } = await import('./commands/doctor.ts');
      await doctorCommand(doctor.opts<DoctorOptions>(), configuration);
    });

  withOptions(command(program, 'bench'), benchOptions())
    .description('tell what each rate would cost on this machine, and which is the highest within a budget')
    .action(async (options: BenchOptions) => {
      requireLinux();
      const { benchCommand } = await import('./commands/bench.ts');
      await benchCommand(options);
    });

  command(program, 'print', { hidden: true })
    .description('print what a package installs, made of what these commands and flags say of themselves')
    .addArgument(new Argument('<text>', 'what to print').choices(PRINTED_TEXTS))
    .action(async (text: PrintedText) => {
      const { printCommand } = await import('./commands/print.ts');
      printCommand(text, program);
    });

  return program;
}

function command(program: Command, name: string, options?: CommandOptions): Command {
  return program.command(name, options).exitOverride().allowExcessArguments(false);
}

function withOptions(to: Command, options: readonly Option[]): Command {
  for (const option of options) to.addOption(option);
  return to;
}

/** How a list is printed. */
function formatOption(): Option {
  return new Option('-f, --format <format>', 'how to print').choices(['table', 'json']).default('table');
}

/** A server that may be left unnamed. */
function optionalUrl(description: string, otherwise: string): Option {
  const option = urlOption().default(undefined, otherwise);
  option.description = description;
  return option;
}

/**
 * The options with a server, a directory or a lake, and no two of them: a flag counts before the environment, where
 * the directory is what it always was.
 *
 * @throws HzstatError BAD_FLAG when two are flags
 */
function oneSource<T extends { url?: string; dataDir?: string; lake?: LakePlace }>(
  query: Command,
  options: T,
): T {
  const { url, dataDir, lake, ...others } = options;
  const isFlag = (name: string): boolean => query.getOptionValueSource(name) === 'cli';
  if (lake !== undefined && (isFlag('url') || isFlag('dataDir')))
    throw new HzstatError(
      'BAD_FLAG',
      'name one of a server (--url), a directory (--data-dir) and a lake (--lake)',
    );
  if (isFlag('url') && isFlag('dataDir'))
    throw new HzstatError('BAD_FLAG', 'name either a server (--url) or a directory (--data-dir)');
  if (lake !== undefined) return { ...others, lake } as T;
  const source =
    dataDir !== undefined && !isFlag('url') ? { dataDir } : { ...(url !== undefined && { url }) };
  return { ...others, ...source } as T;
}

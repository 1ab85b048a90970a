import { type Command, CommanderError } from 'commander';
import { type ErrorCode, errorMessage, HzstatError } from '../base/errors.ts';
import { noSuch } from '../base/nearest.ts';
import { ConfigError } from './config/config_error.ts';
import { visibleCommands } from './help/command_line.ts';
import { createProgram } from './program.ts';

/** Errors the user can mend before anything has run. */
const USAGE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'BAD_FLAG',
  'BAD_CONFIG',
  'BAD_ROOTFS',
  'BAD_DATA_DIR',
  'COLLECTOR_BAD_MODULE',
  'COLLECTOR_DUPLICATE',
  'UNSUPPORTED_PLATFORM',
  'PORT_UNAVAILABLE',
  'TLS_UNUSABLE',
  'NOT_A_TERMINAL',
  'HISTORY_LOCKED',
  'ENGINE_UNAVAILABLE',
]);

// What the program starts (DuckDB, perf, programs of the user's) may want more arenas of malloc than it does itself.
if (process.env.HZSTAT_ARENA === 'own') {
  delete process.env.MALLOC_ARENA_MAX;
  delete process.env.HZSTAT_ARENA;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`hzstat: standard output cannot be written: ${error.message}\n`);
  process.exit(1);
});
// Whoever does not take notes any more has them no less from /health: nobody's disk or pipe ends the sampler.
process.stderr.on('error', () => {});

try {
  const program = createProgram();
  requireKnownCommand(program, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Without this check a mistyped command would be taken for an argument of the default one. */
function requireKnownCommand(program: Command, word: string | undefined): void {
  if (word === undefined || word.startsWith('-') || word === 'help') return;
  if (program.commands.some((command) => command.name() === word)) return;
  const known = visibleCommands(program).map((command) => command.name());
  throw new HzstatError('BAD_FLAG', noSuch('command', word, known));
}

/** Says in one line what went wrong and returns the exit code: 2 for what the user can mend, else 1. */
function report(error: unknown): number {
  // Commander has printed help, version or its own one line already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const lines = error instanceof ConfigError ? error.lines : [errorMessage(error)];
  for (const line of lines) process.stderr.write(`hzstat: ${line}\n`);
  return error instanceof HzstatError && USAGE_ERRORS.has(error.code) ? 2 : 1;
}

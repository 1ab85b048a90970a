import type { Command } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import type { HostFinding } from '../../base/host_finding.ts';
import { loadEngine } from '../../server/engines/load_engine.ts';
import { admission } from '../../service/admission.ts';
import { forwardingOf } from '../../service/forwarding.ts';
import { checkLake } from '../../service/lake.ts';
import type { ServeOptions } from '../commands/serve.ts';
import { CONFIG_FILE } from '../options/config_options.ts';
import { ConfigError } from './config_error.ts';
import { type ConfigFile, readConfigFile } from './config_file.ts';
import { applyFile } from './configure.ts';

const SUBJECT = 'configuration';

/**
 * Tells whether a server would start with a configuration file, and gives the command that asks the values that both
 * take, so that it looks at the same host.
 *
 * @param command whose `config` names the file; without one the usual file is checked where it exists
 * @param serve the command the file is for, which nobody has given flags to
 * @returns undefined when there is nothing to check
 * @throws HzstatError BAD_CONFIG with all that is wrong in a file that was named
 */
export async function checkConfig(command: Command, serve: Command): Promise<HostFinding | undefined> {
  const named: string | undefined = command.getOptionValue('config');
  try {
    const file = readConfigFile(named, serve.options);
    if (file === undefined) return undefined;
    applyFile(serve, file);
    const warnings = [...file.warnings, ...(await startWarnings(file, serve.opts<ServeOptions>()))];
    applyFile(command, file);
    return found(file, warnings);
  } catch (error) {
    if (named !== undefined || !(error instanceof HzstatError)) throw error;
    const [first = error.message, ...others] = error instanceof ConfigError ? error.lines : [];
    return {
      subject: SUBJECT,
      state: 'missing',
      detail: others.length === 0 ? first : `${first} (and ${others.length} more)`,
      remedy: `hzstat doctor --config ${CONFIG_FILE} tells all that is wrong`,
    };
  }
}

/** What a server would warn of at its start; whatever would keep it from starting is wrong with the file. */
async function startWarnings({ path }: ConfigFile, options: ServeOptions): Promise<readonly string[]> {
  try {
    const { engine } = await loadEngine(options.engine);
    checkLake(options);
    const { warnings } = admission(options, options.listen, engine.name);
    return [...warnings, ...(forwardingOf(options)?.warnings ?? [])];
  } catch (cause) {
    if (!(cause instanceof HzstatError)) throw cause;
    throw new HzstatError('BAD_CONFIG', `${path}: ${cause.message}`, { cause });
  }
}

function found({ path, settings }: ConfigFile, warnings: readonly string[]): HostFinding {
  const count = settings.length === 1 ? 'one setting' : `${settings.length} settings`;
  const detail = [`${path}: ${count}`, ...warnings].join('; ');
  return { subject: SUBJECT, state: warnings.length === 0 ? 'ok' : 'limited', detail };
}

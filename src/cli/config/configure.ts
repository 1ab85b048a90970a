import type { Command, Option } from 'commander';
import { type ConfigFile, readConfigFile } from './config_file.ts';
import { excludes } from './settings.ts';

/** Where commander notes that a value comes from. */
const FROM_FILE = 'config';

/**
 * Gives the flags of a command that were neither given nor set in the environment the values of its configuration
 * file.
 *
 * @returns what the user ought to know of that file
 * @throws HzstatError BAD_CONFIG
 */
export function configure(command: Command): readonly string[] {
  const named: string | undefined = command.getOptionValue('config');
  const file = readConfigFile(named, command.options);
  if (file === undefined) return [];
  applyFile(command, file);
  command.setOptionValueWithSource('config', file.path, FROM_FILE);
  return file.warnings;
}

/** Gives a command the values of a file for those of its flags that nobody gave. */
export function applyFile(command: Command, { settings }: ConfigFile): void {
  const given = command.options.filter((option) => isGiven(command, option));
  for (const { option, value } of settings) {
    const name = option.attributeName();
    const own = command.options.find((each) => each.attributeName() === name);
    if (own === undefined || given.some((other) => displaces(other, own))) continue;
    command.setOptionValueWithSource(name, value, FROM_FILE);
  }
}

function isGiven(command: Command, option: Option): boolean {
  const source = command.getOptionValueSource(option.attributeName());
  return source === 'cli' || source === 'env';
}

/** Whether a flag leaves no room for what the file says of another, or of itself. */
function displaces(given: Option, own: Option): boolean {
  return given === own || excludes(given, own) || excludes(own, given);
}

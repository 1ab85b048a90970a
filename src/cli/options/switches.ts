import type { Command, Option } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import { isSwitch } from './setting.ts';

const ON: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on']);
const OFF: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off']);
const FROM_ENVIRONMENT = 'env';

/**
 * Reads what the environment says of flags without an argument: commander takes any value, `false` as well, for yes.
 *
 * @throws HzstatError BAD_FLAG
 */
export function readSwitches(command: Command, environment: NodeJS.ProcessEnv): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (!isSwitch(option) || command.getOptionValueSource(name) !== FROM_ENVIRONMENT) continue;
    const state = stateOf(option, environment);
    // Nothing after the sign is as good as no variable at all: a file may still decide.
    if (state !== undefined)
      command.setOptionValueWithSource(name, state !== option.negate, FROM_ENVIRONMENT);
    else command.setOptionValueWithSource(name, option.negate || option.defaultValue, 'default');
  }
}

/** Whether the flag is given by its variable; undefined when that is empty. */
function stateOf({ envVar = '' }: Option, environment: NodeJS.ProcessEnv): boolean | undefined {
  const text = environment[envVar] ?? '';
  if (text === '') return undefined;
  if (ON.has(text.toLowerCase())) return true;
  if (OFF.has(text.toLowerCase())) return false;
  throw new HzstatError('BAD_FLAG', `${envVar} is "${text}": write true or false`);
}

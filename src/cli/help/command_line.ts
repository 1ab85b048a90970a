import type { Command, Option } from 'commander';
import { Setting } from '../options/setting.ts';

/** What a shell may offer for the argument of a flag. */
export type Completion =
  | { readonly kind: 'flag' }
  | { readonly kind: 'anything' }
  | { readonly kind: 'words'; readonly words: readonly string[]; readonly separated: boolean }
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' };

const COMPLETED_PLACEHOLDERS: Readonly<Record<string, Completion>> = {
  file: { kind: 'files' },
  module: { kind: 'files' },
  program: { kind: 'files' },
  directory: { kind: 'directories' },
};

/** The documented commands. */
export function visibleCommands(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
}

/** The documented flags of a command, `--help` and `--version` among them. */
export function visibleOptions(command: Command): Option[] {
  return [...command.createHelp().visibleOptions(command)];
}

/** What stands for the argument of a flag, such as `file`; undefined for a flag without one. */
export function placeholder(option: Option): string | undefined {
  return /[<[](.+?)[\]>]/.exec(option.flags)?.[1];
}

/** What may follow a flag. */
export function completionOf(option: Option): Completion {
  const argument = placeholder(option);
  if (argument === undefined) return { kind: 'flag' };
  if (option.argChoices !== undefined) return { kind: 'words', words: option.argChoices, separated: false };
  if (option instanceof Setting && option.words.length > 0)
    return { kind: 'words', words: option.words, separated: option.shape === 'separated' };
  return COMPLETED_PLACEHOLDERS[argument] ?? { kind: 'anything' };
}

/** The ways to write a flag, the short one first. */
export function spellings({ short, long }: Option): string[] {
  return [short, long].filter((name) => name !== undefined);
}

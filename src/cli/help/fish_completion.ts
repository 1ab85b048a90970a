import type { Command, Option } from 'commander';
import { wordsOf } from '../options/operand.ts';
import { type Completion, completionOf, visibleCommands, visibleOptions } from './command_line.ts';

/** What fish loads to complete the words after `hzstat`. */
export function fishCompletion(program: Command): string {
  const commands = visibleCommands(program);
  const lines = [
    'complete -c hzstat -f',
    ...commands.map(
      (command) =>
        `complete -c hzstat -n __fish_use_subcommand -a ${command.name()} -d ${quoted(command.description())}`,
    ),
    ...commands.flatMap((command) => {
      const condition = whenGiven(command, commands);
      const words = command.registeredArguments.flatMap(wordsOf);
      const flags = visibleOptions(command).map((option) => flagLine(option, condition));
      if (words.length === 0) return flags;
      return [...flags, `complete -c hzstat -n ${quoted(condition)} -a ${quoted(words.join(' '))}`];
    }),
  ];
  return `${lines.join('\n')}\n`;
}

/** Flags without a command are those of `serve`. */
function whenGiven(command: Command, commands: readonly Command[]): string {
  if (command.name() !== 'serve') return `__fish_seen_subcommand_from ${command.name()}`;
  const others = commands.map((each) => each.name()).filter((name) => name !== 'serve');
  return `not __fish_seen_subcommand_from ${others.join(' ')}`;
}

function flagLine(option: Option, condition: string): string {
  const names = [
    ...(option.short === undefined ? [] : [`-s ${option.short.slice(1)}`]),
    ...(option.long === undefined ? [] : [`-l ${option.long.slice(2)}`]),
  ];
  const parts = [`-n ${quoted(condition)}`, ...names, ...argumentParts(completionOf(option))];
  return `complete -c hzstat ${parts.join(' ')} -d ${quoted(option.description)}`;
}

function argumentParts(completion: Completion): string[] {
  switch (completion.kind) {
    case 'flag':
      return [];
    case 'anything':
      return ['-x'];
    case 'files':
      return ['-r -F'];
    case 'directories':
      return ["-x -a '(__fish_complete_directories)'"];
    case 'words': {
      const words = completion.words.join(' ');
      const offered = completion.separated ? `(__fish_complete_list , "printf '%s\\n' ${words}")` : words;
      return [`-x -a ${quoted(offered)}`];
    }
  }
}

/** Fish takes a backslash and a quote within quotes with a backslash before it. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

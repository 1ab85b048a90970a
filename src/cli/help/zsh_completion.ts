import type { Argument, Command, Option } from 'commander';
import { wordsOf } from '../options/operand.ts';
import { shapeOf } from '../options/setting.ts';
import {
  type Completion,
  completionOf,
  placeholder,
  spellings,
  visibleCommands,
  visibleOptions,
} from './command_line.ts';
import { quoted } from './shell.ts';

/** What zsh autoloads as `_hzstat` to complete the words after `hzstat`. */
export function zshCompletion(program: Command): string {
  const commands = visibleCommands(program);
  const described = commands.map((command) =>
    quoted(`${command.name()}:${command.description().replaceAll(':', '\\:')}`),
  );
  return `#compdef hzstat
_hzstat() {
  local -a commands=(
    ${described.join('\n    ')}
  )
  local command=serve
  if [[ $words[2] != -* ]]; then
    if (( CURRENT == 2 )); then
      _describe command commands
      return
    fi
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _hzstat ]]; then
  _hzstat "$@"
else
  compdef _hzstat hzstat
fi
`;
}

function commandCase(command: Command): string {
  const specs = [...visibleOptions(command).map(spec), ...command.registeredArguments.map(operandSpec)];
  return `    ${command.name()})\n      _arguments -s \\\n        ${specs.join(' \\\n        ')}\n      ;;`;
}

/** What is no flag: once, or as often as there are words. */
function operandSpec(argument: Argument): string {
  const words = wordsOf(argument);
  const offered = words.length === 0 ? '' : `(${words.join(' ')})`;
  return quoted(`${argument.variadic ? '*' : ''}:${argument.name()}:${offered}`);
}

/** A flag as `_arguments` wants it: what it excludes, how it is written, what it means, what follows. */
function spec(option: Option): string {
  const completion = completionOf(option);
  const names = spellings(option);
  const isRepeatable = shapeOf(option) === 'list' || shapeOf(option) === 'table';
  const before = isRepeatable ? '*' : `(${names.join(' ')})`;
  const takesValue = completion.kind !== 'flag';
  const written = names.map((name) => (takesValue ? `${name}${name.startsWith('--') ? '=' : '+'}` : name));
  const meaning = `[${option.description.replace(/[\\[\]:]/g, '\\$&')}]`;
  const value = takesValue ? `:${placeholder(option)}:${action(option, completion)}` : '';
  const forms = written.length === 1 ? quoted(written.join('')) : `{${written.join(',')}}`;
  return `${quoted(before)}${forms}${quoted(meaning + value)}`;
}

function action(option: Option, completion: Completion): string {
  switch (completion.kind) {
    case 'words': {
      const words = completion.words.join(' ');
      return completion.separated ? `_values -s , ${placeholder(option)} ${words}` : `(${words})`;
    }
    case 'files':
      return '_files';
    case 'directories':
      return '_directories';
    default:
      return '';
  }
}

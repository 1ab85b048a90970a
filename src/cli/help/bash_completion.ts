import type { Command } from 'commander';
import { wordsOf } from '../options/operand.ts';
import { type Completion, completionOf, spellings, visibleCommands, visibleOptions } from './command_line.ts';
import { quoted } from './shell.ts';

/** What bash sources to complete the words after `hzstat`. */
export function bashCompletion(program: Command): string {
  const commands = visibleCommands(program);
  const names = commands.map((command) => command.name());
  return `# bash completion for hzstat
_hzstat() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= first
  # Bash takes --flag=value apart at the sign.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  first=\${COMP_WORDS[1]}
  case $first in
    ${names.join(' | ')}) ((COMP_CWORD > 1)) && command=$first ;;
  esac
  COMPREPLY=()
  case "\${command:-serve} $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  if [[ -z $command && $cur != -* ]]; then
    ((COMP_CWORD == 1)) && _hzstat_words ${quoted(names.join(' '))}
    return
  fi
  case \${command:-serve} in
${commands.map(flagCase).join('\n')}
  esac
}

_hzstat_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_hzstat_list() {
  local before=
  [[ $cur == *,* ]] && before=\${cur%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" -W "$1" -- "\${cur##*,}")
  compopt -o nospace
}

_hzstat_paths() {
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

complete -F _hzstat hzstat
`;
}

function valueCases(command: Command): string[] {
  return visibleOptions(command).flatMap((option) => {
    const completion = completionOf(option);
    if (completion.kind === 'flag') return [];
    const patterns = spellings(option).map((flag) => quoted(`${command.name()} ${flag}`));
    return [`    ${patterns.join(' | ')}) ${action(completion)}return ;;`];
  });
}

function action(completion: Completion): string {
  switch (completion.kind) {
    case 'words':
      return `_hzstat_${completion.separated ? 'list' : 'words'} ${quoted(completion.words.join(' '))}; `;
    case 'files':
      return '_hzstat_paths -f; ';
    case 'directories':
      return '_hzstat_paths -d; ';
    default:
      return '';
  }
}

function flagCase(command: Command): string {
  const words = command.registeredArguments.flatMap(wordsOf);
  const offered = [...visibleOptions(command).flatMap(spellings), ...words];
  return `    ${command.name()}) _hzstat_words ${quoted(offered.join(' '))} ;;`;
}

import type { Command, Option } from 'commander';
import { placeholder, spellings, visibleCommands, visibleOptions } from './command_line.ts';
import { statedDefault } from './option_help.ts';

/** What belongs to the program and not to one of its flags. */
export interface ManPageFacts {
  readonly version: string;
  readonly configFile: string;
}

/** The manual page hzstat(1) in the man macros of roff. */
export function manPage(program: Command, { version, configFile }: ManPageFacts): string {
  const commands = visibleCommands(program);
  const lines = [
    `.TH HZSTAT 1 "" "hzstat ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    `hzstat \\- ${escaped(lowerFirst(program.description().split(':')[0] ?? ''))}`,
    '.SH SYNOPSIS',
    ...commands.flatMap(synopsis),
    '.SH DESCRIPTION',
    escaped(`${program.description()} Without a command, hzstat serves.`),
    '.SH COMMANDS',
    ...commands.flatMap(section),
    '.SH ENVIRONMENT',
    'A flag wins over its environment variable, and that over the configuration file.',
    ...environment(commands),
    '.SH FILES',
    '.TP',
    bold(configFile),
    'What',
    '.B hzstat serve',
    'reads where it exists, unless \\-\\-config names another. Its keys are the names of the flags.',
    '.SH EXIT STATUS',
    ...[
      ['0', 'It did what was asked, or was ended by a signal while serving.'],
      ['1', 'It failed while running.'],
      ['2', 'A flag, a value or the configuration is wrong, or the host refuses; nothing has been started.'],
    ].flatMap(([status = '', text = '']) => ['.TP', bold(status), escaped(text)]),
  ];
  return `${lines.join('\n')}\n`;
}

function synopsis(command: Command): string[] {
  const args = command.registeredArguments.map((argument) => ` \\fI${escaped(argument.name())}\\fR`).join('');
  return [`\\fBhzstat ${escaped(command.name())}\\fR [\\fIoptions\\fR]${args}`, '.br'];
}

function section(command: Command): string[] {
  return [
    `.SS hzstat ${escaped(command.name())}`,
    escaped(`${upperFirst(command.description())}.`),
    ...command.registeredArguments.flatMap((argument) => [
      '.TP',
      `\\fI${escaped(argument.name())}\\fR`,
      escaped(argument.description),
    ]),
    ...visibleOptions(command).flatMap(entry),
  ];
}

function entry(option: Option): string[] {
  const argument = placeholder(option);
  const value = argument === undefined ? '' : ` \\fI${escaped(argument)}\\fR`;
  const names = spellings(option).map((name) => `\\fB${escaped(name)}\\fR`);
  return ['.TP', `${names.join(', ')}${value}`, escaped(details(option))];
}

function details(option: Option): string {
  const told: string[] = [];
  if (option.argChoices !== undefined) told.push(`one of ${option.argChoices.join(', ')}`);
  const standard = statedDefault(option);
  if (standard !== undefined) told.push(`default: ${standard}`);
  if (option.envVar !== undefined) told.push(`environment: ${option.envVar}`);
  return told.length === 0 ? option.description : `${option.description} (${told.join('; ')})`;
}

/** Every variable once, with the flags it stands for. */
function environment(commands: readonly Command[]): string[] {
  const flags = new Map<string, Set<string>>();
  for (const { envVar, long } of commands.flatMap(visibleOptions)) {
    if (envVar === undefined || long === undefined) continue;
    flags.set(envVar, (flags.get(envVar) ?? new Set()).add(long));
  }
  return [...flags].flatMap(([name, long]) => [
    '.TP',
    bold(name),
    escaped(`Stands for ${[...long].join(', ')}.`),
  ]);
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** Text in which roff sees no command of its own. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

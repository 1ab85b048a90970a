import type { Option } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import { defaultText, isSwitch, keyOf, Setting, settingsByKey, shapeOf } from '../options/setting.ts';
import { placeholder, spellings } from './command_line.ts';

const WIDTH = 100;

/** A configuration file in which every setting stands as a comment, with its meaning and its default. */
export function sampleConfig(options: readonly Option[]): string {
  const head = [
    'The configuration of hzstat serve, in TOML. Every key is the name of a flag; what is not set here has its default.',
    'A flag or an environment variable wins over this file. "hzstat doctor --config FILE" checks one.',
  ];
  const settings = [...settingsByKey(options).values()].map(commented);
  return `${[head.flatMap(comment).join('\n'), ...settings].join('\n\n')}\n`;
}

function commented(option: Option): string {
  return [...comment(meaning(option)), ...comment(origins(option)), `#${sampleLine(option)}`].join('\n');
}

function meaning(option: Option): string {
  if (!isSwitch(option)) return option.description;
  return `${!option.negate}: ${option.description}`;
}

function origins(option: Option): string {
  const standard = isSwitch(option) ? String(option.negate) : defaultText(option);
  const told = [`flag ${spellings(option).join(', ')}`];
  if (option.envVar !== undefined) told.push(`environment ${option.envVar}`);
  if (standard !== undefined) told.unshift(`default ${standard}`);
  return `(${told.join('; ')})`;
}

function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length >= WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function sampleLine(option: Option): string {
  const key = keyOf(option);
  if (isSwitch(option)) return `${key} = ${option.negate}`;
  const text = sampleText(option);
  switch (shapeOf(option)) {
    case 'table': {
      const [name = 'name', value = 'value'] = text.split('=');
      return `${key}.${name} = ${JSON.stringify(value)}`;
    }
    case 'list':
      return `${key} = [${JSON.stringify(text)}]`;
    default:
      return `${key} = ${option instanceof Setting && option.isNumber ? text : JSON.stringify(text)}`;
  }
}

/** A value as it is written after the flag: the example, else the default, else what help says stands there. */
function sampleText(option: Option): string {
  if (option instanceof Setting && option.exampleText !== undefined) return option.exampleText;
  const standard = defaultText(option);
  return standard !== undefined && isAccepted(option, standard) ? standard : (placeholder(option) ?? '');
}

/** Whether the words for a default can be written after the flag as they are. */
function isAccepted(option: Option, text: string): boolean {
  try {
    option.parseArg?.(text, undefined);
    return true;
  } catch (error) {
    if (error instanceof HzstatError || (error instanceof Error && 'exitCode' in error)) return false;
    throw error;
  }
}

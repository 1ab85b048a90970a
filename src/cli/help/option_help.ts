import type { Option } from 'commander';
import { defaultText, isSwitch } from '../options/setting.ts';

/** What help says of a flag: its meaning, what it may be, its default, which variable stands for it. */
export function optionHelp(option: Option): string {
  const told: string[] = [];
  if (option.argChoices !== undefined)
    told.push(`choices: ${option.argChoices.map((choice) => JSON.stringify(choice)).join(', ')}`);
  const standard = statedDefault(option);
  if (standard !== undefined) told.push(`default: ${standard}`);
  if (option.envVar !== undefined) told.push(`env: ${option.envVar}`);
  return told.length === 0 ? option.description : `${option.description} (${told.join(', ')})`;
}

/** The default of a flag in words; undefined for those that print something and end. */
export function statedDefault(option: Option): string | undefined {
  if (option.long === '--help' || option.long === '--version') return undefined;
  return defaultText(option) ?? (isSwitch(option) ? 'off' : 'none');
}

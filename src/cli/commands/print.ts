import type { Command } from 'commander';
import { VERSION } from '../../service/version.ts';
import { bashCompletion } from '../help/bash_completion.ts';
import { fishCompletion } from '../help/fish_completion.ts';
import { manPage } from '../help/man_page.ts';
import { sampleConfig } from '../help/sample_config.ts';
import { zshCompletion } from '../help/zsh_completion.ts';
import { CONFIG_FILE } from '../options/config_options.ts';
import type { PrintedText } from '../options/print_options.ts';

const TEXTS: Readonly<Record<PrintedText, (program: Command) => string>> = {
  'man-page': (program) => manPage(program, { version: VERSION, configFile: CONFIG_FILE }),
  'bash-completion': bashCompletion,
  'zsh-completion': zshCompletion,
  'fish-completion': fishCompletion,
  'sample-config': (program) =>
    sampleConfig(program.commands.find((command) => command.name() === 'serve')?.options ?? []),
};

/** Prints a text that packages install, made of the description of the flags. */
export function printCommand(text: PrintedText, program: Command): void {
  process.stdout.write(TEXTS[text](program));
}

import type { Option } from 'commander';
import { parseWatch, type WrittenWatch } from '../../incidents/watches/watch_syntax.ts';
import { argument } from './options.ts';
import { Setting } from './setting.ts';

/** One more watch. @throws HzstatError BAD_FLAG */
export function parseWatches(text: string, before: readonly WrittenWatch[] = []): WrittenWatch[] {
  return [...before, parseWatch(text)];
}

/** The flags that say what to watch for. */
export function watchOptions(): Option[] {
  return [
    new Setting(
      '--watch <condition>',
      "what else to watch for, as 'NAME: FIELD > NUMBER [for DURATION]'; one of a default's name replaces it",
    )
      .repeatable()
      .example('busy: cpu.usage_percent > 90 for 1s')
      .env('HZSTAT_WATCH')
      .default([], 'the default watches')
      .argParser(argument(parseWatches)),
    new Setting('--no-watches', 'watch for nothing, not even the defaults').env('HZSTAT_NO_WATCHES'),
    new Setting(
      '--on-incident <program>',
      'a program that is run when an incident begins and when it ends, the incident as JSON on its standard input',
    )
      .example('/etc/hzstat/on-incident')
      .env('HZSTAT_ON_INCIDENT')
      .default(undefined, 'none'),
    new Setting('--evidence-arguments', 'tell processes with their arguments, which may hold secrets').env(
      'HZSTAT_EVIDENCE_ARGUMENTS',
    ),
  ];
}

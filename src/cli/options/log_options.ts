import { Option } from 'commander';
import { LOG_FORMATS, type LogFormat } from '../../base/log.ts';

export interface LogOptions {
  logFormat: LogFormat;
}

/** The flag that says how the log is written. */
export function logOption(): Option {
  return new Option(
    '--log-format <format>',
    'how the log on stderr is written, each line with its time and level',
  )
    .env('HZSTAT_LOG_FORMAT')
    .choices(LOG_FORMATS)
    .default('text');
}

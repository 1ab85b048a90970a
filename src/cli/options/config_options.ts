import { Setting } from './setting.ts';

/** Where `hzstat serve` looks for its configuration when it is not told. */
export const CONFIG_FILE = '/etc/hzstat/hzstat.toml';

/** The configuration file that was named, or that is where one is looked for. */
export interface ConfigOptions {
  config?: string;
}

/** The flag that says what else the flags are. */
export function configOption(): Setting {
  return new Setting('--config <file>', 'a configuration file (TOML) with the names of these flags as keys')
    .notInFile()
    .env('HZSTAT_CONFIG')
    .default(undefined, `${CONFIG_FILE} where it exists`);
}

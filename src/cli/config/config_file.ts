import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Option } from 'commander';
import { errorMessage, HzstatError, systemErrorCode } from '../../base/errors.ts';
import { exposure } from '../../service/exposure.ts';
import { CONFIG_FILE } from '../options/config_options.ts';
import { Setting } from '../options/setting.ts';
import { ConfigError } from './config_error.ts';
import { type GivenSetting, givenSettings } from './settings.ts';
import { readToml } from './toml.ts';

const LINE_FEED = 0x0a;

/** What a configuration file says. */
export interface ConfigFile {
  readonly path: string;
  readonly settings: readonly GivenSetting[];
  /** What the user ought to know of it. */
  readonly warnings: readonly string[];
}

/**
 * Reads a configuration file, or the usual one where it exists.
 *
 * @param named undefined when no file was named
 * @param options the flags it may give values for
 * @returns undefined when none was named and the usual one does not exist
 * @throws HzstatError BAD_CONFIG when it cannot be read; ConfigError with all that is wrong in it
 */
export function readConfigFile(
  named: string | undefined,
  options: readonly Option[],
): ConfigFile | undefined {
  const path = named ?? CONFIG_FILE;
  const bytes = readBytes(path, named !== undefined);
  if (bytes === undefined) return undefined;
  const { table, problems } = readToml(decoded(bytes, path));
  const given = givenSettings(table, options);
  const all = [...problems, ...given.problems];
  if (all.length > 0) throw new ConfigError(path, all);
  const hasSecret = given.settings.some(({ option }) => option instanceof Setting && option.isSecret);
  return { path, settings: given.settings, warnings: hasSecret ? exposure(path) : [] };
}

function readBytes(path: string, isNamed: boolean): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    if (!isNamed && ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(cause) ?? '')) return undefined;
    const remedy = isNamed ? '' : ' (--config names another; /dev/null is an empty one)';
    const message = `the configuration cannot be read: ${errorMessage(cause)}${remedy}`;
    throw new HzstatError('BAD_CONFIG', message, { cause });
  }
}

/** The text, without the mark that some editors put before it. */
function decoded(bytes: Buffer, path: string): string {
  if (!isUtf8(bytes)) {
    throw new ConfigError(path, [{ line: firstBadLine(bytes), message: 'this is not UTF-8' }]);
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** No byte of a sign in UTF-8 looks like the end of a line, so every line can be tried by itself. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

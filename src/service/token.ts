import { readFileSync } from 'node:fs';
import { errorMessage, HzstatError } from '../base/errors.ts';
import { exposure } from './exposure.ts';
import type { TokenOptions } from './settings.ts';

/** A token shorter than this can be guessed by somebody who may try fast enough. */
const SHORT_TOKEN = 16;

/**
 * The token, from wherever it was given; gone from the environment and the process list afterwards, which the
 * programs started later and the other users of the machine could read.
 *
 * @throws HzstatError BAD_FLAG
 */
export function readToken(
  { token: given, tokenFile }: TokenOptions,
  warnings: string[] = [],
): string | undefined {
  const isArgument = given !== undefined && process.argv.some((word) => word.endsWith(given));
  delete process.env.HZSTAT_TOKEN;
  if (isArgument) process.title = 'hzstat';
  const token = tokenFile === undefined ? given : readTokenFile(tokenFile, warnings);
  if (token === undefined) return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    const message =
      token === '' ? 'is empty' : 'holds a blank or a sign that is not ASCII, which no header can carry';
    throw new HzstatError('BAD_FLAG', `the token ${message}; "openssl rand -hex 32" makes a good one`);
  }
  if (token.length < SHORT_TOKEN)
    warnings.push(
      `a token of ${token.length} characters can be guessed; "openssl rand -hex 32" makes a better one`,
    );
  return token;
}

function readTokenFile(path: string, warnings: string[]): string {
  try {
    const token = readFileSync(path, 'utf8').trim();
    warnings.push(...exposure(path));
    return token;
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `--token-file cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

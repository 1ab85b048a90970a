import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { errorMessage, HzstatError, systemErrorCode } from '../../../base/errors.ts';
import { type Ini, readIni } from './ini.ts';

const DEFAULT_REGION = 'us-east-1';

/** Where a bucket is and with which key it opens. */
export interface S3Settings {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly region: string;
  /** The address of a server other than Amazon's. */
  readonly endpoint: URL | undefined;
  /** Whether the bucket stands in the path of an address, and not in its host name. */
  readonly isPathStyle: boolean;
}

/**
 * The settings every program for S3 takes, from the variables of the AWS tools and, where those do not say, from
 * their files.
 *
 * @throws HzstatError BAD_FLAG saying what is missing
 */
export function readS3Settings(environment: NodeJS.ProcessEnv): S3Settings {
  const credentials = readFile(environment, 'AWS_SHARED_CREDENTIALS_FILE', 'credentials');
  const config = readFile(environment, 'AWS_CONFIG_FILE', 'config');
  const profile = environment.AWS_PROFILE || 'default';
  const inFiles = (key: string): string | undefined =>
    credentials.get(profile)?.get(key) || config.get(profile)?.get(key) || undefined;
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || inFiles('region');
  const address =
    environment.AWS_ENDPOINT_URL_S3 ||
    environment.AWS_ENDPOINT_URL ||
    inFiles('s3.endpoint_url') ||
    inFiles('endpoint_url');
  const endpoint = address === undefined ? undefined : endpointOf(address);
  const style = inFiles('s3.addressing_style');
  return {
    ...keyIn(environment, inFiles, profile),
    region: region ?? DEFAULT_REGION,
    endpoint,
    isPathStyle: style === 'path' || (style !== 'virtual' && endpoint !== undefined),
  };
}

/** Both halves of a key come from the same place. */
function keyIn(
  environment: NodeJS.ProcessEnv,
  inFiles: (key: string) => string | undefined,
  profile: string,
): Pick<S3Settings, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY) {
    return {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      sessionToken: AWS_SESSION_TOKEN || undefined,
    };
  }
  const accessKeyId = inFiles('aws_access_key_id');
  const secretAccessKey = inFiles('aws_secret_access_key');
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { accessKeyId, secretAccessKey, sessionToken: inFiles('aws_session_token') };
  throw new HzstatError(
    'BAD_FLAG',
    `there is no key for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write aws_access_key_id and aws_secret_access_key below [${profile}] in ~/.aws/credentials`,
  );
}

function endpointOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new HzstatError(
    'BAD_FLAG',
    `the endpoint "${address}" for S3 is no address: write https://host:port`,
  );
}

/** A file of the AWS tools; nothing where there is none. @throws HzstatError BAD_FLAG */
function readFile(environment: NodeJS.ProcessEnv, variable: string, name: string): Ini {
  const path = environment[variable] || join(environment.HOME || homeDirectory(), '.aws', name);
  try {
    return readIni(readFileSync(path, 'utf8'));
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR' || (code === 'EACCES' && !environment[variable]))
      return new Map();
    throw new HzstatError('BAD_FLAG', `${path} cannot be read: ${errorMessage(cause)}`, { cause });
  }
}

function homeDirectory(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

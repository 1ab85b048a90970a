import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readS3Settings } from '../../../../../src/forward/lake/s3/s3_settings.ts';

const home = mkdtempSync(join(tmpdir(), 'hzstat-aws-'));
afterAll(() => rmSync(home, { recursive: true }));

const credentials = join(home, 'credentials');
writeFileSync(
  credentials,
  `# of ours
[default]
aws_access_key_id = FILE
aws_secret_access_key=a=b/c+d

[backup]
aws_access_key_id = BACKUP
aws_secret_access_key = secret
aws_session_token = token
`,
);
const config = join(home, 'config');
writeFileSync(
  config,
  `[default]
region = eu-west-1
s3 =
  addressing_style = virtual
  endpoint_url = https://s3.example
[profile backup]
region = eu-west-2
[half]
aws_access_key_id = HALF
`,
);
const FILES = { AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config };
const KEY = { AWS_ACCESS_KEY_ID: 'VARIABLE', AWS_SECRET_ACCESS_KEY: 'secret' };

describe('settings for S3', () => {
  test('come from the files of the AWS tools', () => {
    expect(readS3Settings(FILES)).toEqual({
      accessKeyId: 'FILE',
      secretAccessKey: 'a=b/c+d',
      sessionToken: undefined,
      region: 'eu-west-1',
      endpoint: new URL('https://s3.example'),
      isPathStyle: false,
    });
    expect(readS3Settings({ ...FILES, AWS_PROFILE: 'backup' })).toEqual({
      accessKeyId: 'BACKUP',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      region: 'eu-west-2',
      endpoint: undefined,
      isPathStyle: false,
    });
  });

  test('come from the variables first, both halves of a key from the same place', () => {
    const more = { AWS_DEFAULT_REGION: 'us-west-2', AWS_SESSION_TOKEN: 'token' };
    expect(readS3Settings({ ...FILES, ...KEY, ...more })).toMatchObject({
      accessKeyId: 'VARIABLE',
      sessionToken: 'token',
      region: 'us-west-2',
    });
    expect(readS3Settings({ ...FILES, AWS_ACCESS_KEY_ID: 'VARIABLE' })).toMatchObject({
      accessKeyId: 'FILE',
    });
  });

  test('have the bucket in the path where the server is another than Amazon, unless a file says otherwise', () => {
    const nowhere = { HOME: home, ...KEY };
    expect(readS3Settings(nowhere)).toMatchObject({ region: 'us-east-1', isPathStyle: false });
    const there = { ...nowhere, AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' };
    expect(readS3Settings(there)).toMatchObject({ isPathStyle: true });
    expect(readS3Settings({ ...there, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9001' }).endpoint?.port).toBe(
      '9001',
    );
    expect(readS3Settings({ ...there, AWS_CONFIG_FILE: config })).toMatchObject({ isPathStyle: false });
  });

  test('say what is missing', () => {
    expect(() => readS3Settings({ HOME: home })).toThrow('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    expect(() => readS3Settings({ ...FILES, AWS_PROFILE: 'half' })).toThrow(
      'below [half] in ~/.aws/credentials',
    );
    expect(() => readS3Settings({ HOME: home, ...KEY, AWS_ENDPOINT_URL: 'minio:9000' })).toThrow(
      'no address',
    );
    expect(() => readS3Settings({ ...KEY, AWS_CONFIG_FILE: home })).toThrow(`${home} cannot be read`);
  });
});

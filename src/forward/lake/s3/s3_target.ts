import { createHash } from 'node:crypto';
import { MS_PER_SECOND } from '../../../base/units.ts';
import type { LakePlace } from '../lake_place.ts';
import type { Pacer } from '../pacer.ts';
import { type FileToPut, type Outcome, type Target, UploadFailure } from '../target.ts';
import { type S3Answer, S3Client } from './s3_client.ts';
import type { S3Settings } from './s3_settings.ts';

/** Where an object says of itself what is in it. */
const SHA256_HEADER = 'x-amz-meta-sha256';
const PARQUET_TYPE = 'application/vnd.apache.parquet';

/** A lake in a bucket. An object is there when all of it has arrived, so nobody sees half of one. */
export class S3Target implements Target {
  readonly #client: S3Client;
  readonly #prefix: string;
  readonly #pacer: Pacer;

  constructor({ bucket, prefix }: LakePlace & { kind: 's3' }, settings: S3Settings, pacer: Pacer) {
    this.#client = new S3Client(bucket, settings);
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#pacer = pacer;
  }

  async put(path: string, file: FileToPut): Promise<Outcome> {
    const before = await this.#look(path, file);
    if (before !== undefined) return before;
    const answer = await this.#store(path, file, { 'if-none-match': '*' });
    // Not every server knows the condition; what was looked up a moment ago has to do then.
    if (answer.status === 501) return this.#accept(await this.#store(path, file, {}), path);
    if (answer.status !== 412) return this.#accept(answer, path);
    // Somebody was faster, or it is there and may not be looked for without the right to list.
    const there = await this.#look(path, file);
    if (there !== undefined) return there;
    throw new UploadFailure(`${path} is there and cannot be read: the key needs s3:GetObject, too`);
  }

  async read(path: string): Promise<string | undefined> {
    const answer = await this.#client.ask('GET', this.#prefix + path);
    if (answer.status === 200) return answer.text;
    if (isAbsent(answer)) return undefined;
    throw failureOf(answer, path);
  }

  async write(path: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const body = {
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      async *pieces() {
        yield bytes;
      },
    };
    this.#accept(
      await this.#client.ask('PUT', this.#prefix + path, { 'content-type': 'application/json' }, body),
      path,
    );
  }

  /** What is there already; undefined where nothing is. */
  async #look(path: string, { bytes, sha256 }: FileToPut): Promise<Exclude<Outcome, 'put'> | undefined> {
    const answer = await this.#client.ask('HEAD', this.#prefix + path);
    if (isAbsent(answer)) return undefined;
    if (answer.status !== 200) throw failureOf(answer, path);
    const { headers } = answer;
    const isSame = headers[SHA256_HEADER] === sha256 && headers['content-length'] === String(bytes);
    return isSame ? 'there' : 'taken';
  }

  #store(path: string, { source, bytes, sha256 }: FileToPut, condition: Record<string, string>) {
    const headers = { 'content-type': PARQUET_TYPE, [SHA256_HEADER]: sha256, ...condition };
    const pieces = () => this.#pacer.read(source);
    return this.#client.ask('PUT', this.#prefix + path, headers, { bytes, sha256, pieces });
  }

  #accept(answer: S3Answer, path: string): 'put' {
    if (answer.status >= 200 && answer.status < 300) return 'put';
    throw failureOf(answer, path);
  }
}

/** Without the right to list, what is not there is forbidden to ask for. */
function isAbsent({ status, text }: S3Answer): boolean {
  if (status === 403) return !/<Code>(?!AccessDenied<)/.test(text);
  return status === 404 && !text.includes('NoSuchBucket');
}

function failureOf({ status, headers, text }: S3Answer, path: string): UploadFailure {
  const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1];
  const message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1];
  const region = headers['x-amz-bucket-region'];
  const advice = typeof region === 'string' && status < 500 ? ` (the bucket is in region ${region})` : '';
  const why = [code, message].filter((part) => part !== undefined && part !== '').join(': ');
  const seconds = Number(headers['retry-after']);
  return new UploadFailure(
    `the server answered ${status}${why === '' ? '' : ` ${why}`}${advice} to ${path}`,
    seconds > 0 ? seconds * MS_PER_SECOND : undefined,
  );
}

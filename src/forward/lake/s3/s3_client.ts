import { createHash } from 'node:crypto';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsV4Signer } from 'aws4fetch';
import { MS_PER_SECOND } from '../../../base/units.ts';
import { UploadFailure } from '../target.ts';
import type { S3Settings } from './s3_settings.ts';

/** A server that neither takes nor sends a byte for so long has gone. */
const IDLE_MS = 60_000;
const MOST_ANSWER_BYTES = 16 * 1024 * 1024;
const SHA256_OF_NOTHING = createHash('sha256').digest('hex');

/** What is sent with a request. */
export interface Body {
  readonly bytes: number;
  readonly sha256: string;
  pieces(): AsyncIterable<Uint8Array>;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Requests to one bucket, signed. */
export class S3Client {
  readonly #settings: S3Settings;
  readonly #base: string;

  constructor(bucket: string, settings: S3Settings) {
    this.#settings = settings;
    const { endpoint, region, isPathStyle } = settings;
    const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
    if (!isPathStyle) url.hostname = `${bucket}.${url.hostname}`;
    const path = `${url.pathname.replace(/\/$/, '')}/${isPathStyle ? `${bucket}/` : ''}`;
    this.#base = `${url.origin}${path}`;
  }

  /** @throws UploadFailure where no answer comes */
  async ask(
    method: 'GET' | 'HEAD' | 'PUT',
    key: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Body,
  ): Promise<S3Answer> {
    const url = this.#base + key.split('/').map(encodeURIComponent).join('/');
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.#settings;
    const signed = await new AwsV4Signer({
      method,
      url,
      headers: { ...headers, 'x-amz-content-sha256': body?.sha256 ?? SHA256_OF_NOTHING },
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 's3',
      region,
    }).sign();
    const length = body === undefined ? {} : { 'content-length': String(body.bytes) };
    try {
      return await send(method, new URL(url), { ...Object.fromEntries(signed.headers), ...length }, body);
    } catch (error) {
      throw new UploadFailure(`${new URL(url).origin} does not answer: ${reasonOf(error)}`);
    }
  }
}

/** What kept an answer from coming; of several addresses of a host each says why, and the whole nothing. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}

async function send(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: Body | undefined,
): Promise<S3Answer> {
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, { method, headers });
  request.setTimeout(IDLE_MS, () => request.destroy(new Error(`silent for ${IDLE_MS / MS_PER_SECOND} s`)));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
  // A server may answer before it has all, and hang up then: its answer says more than the broken connection.
  const sent = body === undefined ? request.end() : pipeline(Readable.from(body.pieces()), request);
  Promise.resolve(sent).catch(() => {});
  try {
    return await answerOf(await answered);
  } finally {
    if (!request.writableFinished) request.destroy();
  }
}

async function answerOf(response: IncomingMessage): Promise<S3Answer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    if (bytes > MOST_ANSWER_BYTES) throw new Error('its answer is too long');
    pieces.push(piece);
  }
  const text = Buffer.concat(pieces).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

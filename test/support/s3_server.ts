import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, '../../node_modules/s3rver/bin/s3rver.js');
export const BUCKET = 'lake';

/** A real server of the S3 protocol with one bucket, in a process that can be killed and started again. */
export class S3Server {
  readonly #directory = mkdtempSync(join(tmpdir(), 'hzstat-s3-'));
  /** What it has answered to, one line a request, over all its lives. */
  readonly #lines: string[] = [];
  #process: ChildProcess | undefined;
  #port = 0;

  static async start(): Promise<S3Server> {
    const server = new S3Server();
    await server.begin();
    return server;
  }

  /** What a client is told of it, in the variables of the AWS tools. */
  get environment(): NodeJS.ProcessEnv {
    return {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${this.#port}`,
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
      AWS_REGION: 'eu-central-1',
    };
  }

  /** Starts it, at the port it had before if it had one. */
  async begin(): Promise<void> {
    const args = ['-d', this.#directory, '-a', '127.0.0.1', '-p', String(this.#port)];
    const child = spawn(process.execPath, [PROGRAM, ...args, '--configure-bucket', BUCKET], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    this.#port = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#lines.push(line);
        const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      child.once('exit', (code) => reject(new Error(`the S3 server ended with ${code}`)));
    });
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** The keys of Parquet files that were stored, as often as they were. */
  get stored(): string[] {
    return this.#lines.flatMap((line) => {
      const [, key = ''] = /Stored object "([^"]+\.parquet)"/.exec(line) ?? [];
      return key === '' ? [] : [key];
    });
  }

  /** An object's content, by its key. */
  async get(key: string): Promise<Buffer | undefined> {
    const url = `http://127.0.0.1:${this.#port}/${BUCKET}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const response = await fetch(url);
    return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
  }

  /** The keys of all objects, a thousand at most. */
  async keys(): Promise<string[]> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/${BUCKET}?list-type=2`);
    return [...(await response.text()).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { Frame } from '../../src/wire/protocol/frames.ts';
import type { ClientTls } from './web.ts';

export const MAIN = join(import.meta.dirname, '../../dist/src/cli/main.js');

/** A real server process on a free port. */
export class TestServer {
  readonly process: ChildProcess;
  readonly url: string;
  readonly #lines: string[];

  static async start(
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
    // A busy machine must not make the sampler slower than a test takes it to be.
    budget: readonly string[] = args.includes('--budget') ? [] : ['--budget', 'off'],
  ): Promise<TestServer> {
    // Unless a test is about history, none is kept: the default directory is the user's own.
    const history = args.includes('--data-dir') ? [] : ['--no-history'];
    // Nor is anything watched unless a test is about that: on a busy machine much would happen.
    const isWatched = args.includes('--watch') || 'HZSTAT_NO_WATCHES' in environment;
    const watches = isWatched ? [] : ['--no-watches'];
    const child = spawn(
      process.execPath,
      [MAIN, 'serve', '--listen', '127.0.0.1:0', ...history, ...watches, ...budget, ...args],
      {
        // What this machine's own server is told is no business of a test.
        env: { ...process.env, HZSTAT_CONFIG: '/dev/null', ...environment },
        stdio: ['ignore', 'inherit', 'pipe'],
      },
    );
    const lines: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      let address = '';
      createInterface({ input: child.stderr! }).on('line', (line) => {
        lines.push(line);
        address = /listens on (\S+)/.exec(line)?.[1] ?? address;
        // The last it says of itself.
        if (/\brecording (to |nothing)/.test(line)) resolve(address);
      });
      child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${lines.join('\n')}`)));
    });
    return new TestServer(child, url, lines);
  }

  private constructor(child: ChildProcess, url: string, lines: string[]) {
    this.process = child;
    this.url = url;
    this.#lines = lines;
  }

  get stderr(): string {
    return this.#lines.join('\n');
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, this.url), init);
  }

  async json(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
    const value: unknown = await (await this.fetch(path, init)).json();
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`${path} did not answer with an object`);
    return { ...value };
  }

  connect(query = ''): TestClient {
    return new TestClient(`${this.url.replace('http', 'ws')}/stream${query}`);
  }

  /** Ends the server and returns its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const exited = once(this.process, 'exit');
    this.process.kill(signal);
    await exited;
    return this.process.exitCode;
  }
}

/** A WebSocket client that shares no code with the server: it decodes with another MessagePack library. */
export class TestClient {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
  #wake: () => void = () => {};
  #failure: Error | undefined;

  constructor(url: string, headers: Record<string, string> = {}, tls: ClientTls = {}) {
    this.socket = new WebSocket(url, { headers, ...tls });
    this.socket.on('message', (data: Buffer, isBinary) => {
      this.frames.push((isBinary ? decode(data) : JSON.parse(data.toString())) as Frame);
      this.#wake();
    });
    this.socket.on('error', (error) => {
      this.#failure = error;
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** Waits until the frames received are as wanted. */
  async until(wanted: (frames: readonly Frame[]) => boolean): Promise<readonly Frame[]> {
    while (!wanted(this.frames)) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.frames;
  }

  get snapshots(): Snapshot[] {
    return this.frames.filter((frame) => frame.type === 'snapshot');
  }

  /** The first so many snapshots. */
  async take(count: number): Promise<Snapshot[]> {
    await this.until(() => this.snapshots.length >= count);
    return this.snapshots.slice(0, count);
  }

  close(): void {
    this.socket.close();
  }
}

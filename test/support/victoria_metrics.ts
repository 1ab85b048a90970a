import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CutNetwork } from './cut_network.ts';

export const HAS_VICTORIA_METRICS = spawnSync('victoria-metrics', ['-version']).status === 0;

const POLL_MS = 50;

/** A series with all its samples. */
export interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Unix milliseconds. */
  readonly timestamps: readonly number[];
}

/** A real VictoriaMetrics with a directory of its own, that can be killed and started anew. */
export class VictoriaMetrics {
  readonly port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'hzstat-victoria-'));
  readonly #flags: readonly string[];
  readonly #within: CutNetwork | undefined;
  #process: ChildProcess | undefined;

  /** @param within the namespace of network it runs in; by default that of the test */
  static async start(flags: readonly string[] = [], within?: CutNetwork): Promise<VictoriaMetrics> {
    const server = new VictoriaMetrics(await freePort(), flags, within);
    await server.restart();
    return server;
  }

  private constructor(port: number, flags: readonly string[], within: CutNetwork | undefined) {
    this.port = port;
    this.#flags = flags;
    this.#within = within;
  }

  get url(): string {
    return `http://${this.#address}`;
  }

  get #address(): string {
    return `${this.#within?.address ?? '127.0.0.1'}:${this.port}`;
  }

  /** The address that is written to. */
  get writeUrl(): string {
    return `${this.url}/api/v1/write`;
  }

  /** Starts it on the port and with the data it had; resolves when it answers. */
  async restart(): Promise<void> {
    const [command = '', ...before] = [...(this.#within?.command ?? []), 'victoria-metrics'];
    const child = spawn(
      command,
      [
        ...before,
        `-storageDataPath=${this.#directory}`,
        `-httpListenAddr=${this.#address}`,
        // As docs/fleet.md advises.
        '-dedup.minScrapeInterval=1ms',
        '-search.latencyOffset=1s',
        '-retentionPeriod=100y',
        ...this.#flags,
      ],
      { stdio: 'ignore' },
    );
    this.#process = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`victoria-metrics ended with ${child.exitCode}`);
      const isThere = await fetch(`${this.url}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (isThere) return;
      await pause(POLL_MS);
    }
  }

  /** The series a selector names, as they are stored. */
  async series(selector: string): Promise<StoredSeries[]> {
    const response = await fetch(`${this.url}/api/v1/export`, {
      method: 'POST',
      body: new URLSearchParams({ 'match[]': selector }),
    });
    const text = await response.text();
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line): StoredSeries => JSON.parse(line));
  }

  /** Asks until what is stored is as wanted. */
  async until(
    selector: string,
    wanted: (series: readonly StoredSeries[]) => boolean,
  ): Promise<StoredSeries[]> {
    for (;;) {
      const series = await this.series(selector).catch(() => []);
      if (wanted(series)) return series;
      await pause(POLL_MS);
    }
  }

  /** The values a query has at one time, by the labels of its series. */
  async query(
    query: string,
    unixSeconds: number,
  ): Promise<{ metric: Record<string, string>; value: number }[]> {
    const body = new URLSearchParams({ query, time: String(unixSeconds), nocache: '1' });
    const response = await fetch(`${this.url}/api/v1/query`, { method: 'POST', body });
    const answer = (await response.json()) as {
      error?: string;
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** When a query has a value, by the labels of its series. */
  async queryRange(
    query: string,
    fromMs: number,
    toMs: number,
    stepMs: number,
  ): Promise<{ metric: Record<string, string>; unixMs: number[] }[]> {
    const body = new URLSearchParams({
      query,
      start: String(fromMs / 1_000),
      end: String(toMs / 1_000),
      step: `${stepMs}ms`,
      nocache: '1',
    });
    const response = await fetch(`${this.url}/api/v1/query_range`, { method: 'POST', body });
    const answer = (await response.json()) as {
      error?: string;
      data?: { result: { metric: Record<string, string>; values: [number, string][] }[] };
    };
    if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`);
    return answer.data.result.map(({ metric, values }) => ({
      metric,
      unixMs: values.map(([seconds]) => Math.round(seconds * 1_000)),
    }));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

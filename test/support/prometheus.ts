import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

export const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;
export const HAS_PROMETHEUS = spawnSync('prometheus', ['--version']).status === 0;

const POLL_MS = 50;

/** One series of the answer to a PromQL query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Unix time and value, as text because it may be too large for a number. */
  readonly value: readonly [number, string];
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly Sample[] };
}

/** A real Prometheus with a directory of its own, on a free port. */
export class PrometheusServer {
  readonly url: string;
  readonly #process: ChildProcess;
  readonly #directory: string;

  /** @param scrapeConfigs the part of the configuration that a user would write, as YAML or JSON */
  static async start(scrapeConfigs: string, flags: readonly string[] = []): Promise<PrometheusServer> {
    const directory = mkdtempSync(join(tmpdir(), 'hzstat-prometheus-'));
    const config = join(directory, 'prometheus.yml');
    writeFileSync(config, `global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n${scrapeConfigs}`);
    const child = spawn(
      'prometheus',
      [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        '--web.listen-address=127.0.0.1:0',
        ...flags,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const lines: string[] = [];
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr! }).on('line', (line) => {
        lines.push(line);
        const found = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`prometheus ended with ${code}: ${lines.join('\n')}`)));
    });
    return new PrometheusServer(child, `http://${address}`, directory);
  }

  private constructor(child: ChildProcess, url: string, directory: string) {
    this.#process = child;
    this.url = url;
    this.#directory = directory;
  }

  /** Asks until the answer is as wanted. */
  async until(query: string, wanted: (samples: readonly Sample[]) => boolean): Promise<readonly Sample[]> {
    for (;;) {
      const samples = await this.#query(query);
      if (wanted(samples)) return samples;
      await pause(POLL_MS);
    }
  }

  async #query(query: string): Promise<readonly Sample[]> {
    const response = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(query)}`);
    // It listens before it is ready.
    if (response.status === 503) return [];
    const answer: Answer = JSON.parse(await response.text());
    if (answer.status !== 'success') throw new Error(`${query}: ${answer.error}`);
    return answer.data.result;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { EngineName } from '../../src/server/engine/engine.ts';
import { PRODUCT, PROGRAMS } from '../paths.ts';
import { MeasuredProcess } from './measured_process.ts';

export interface HzstatOptions {
  readonly hz: number;
  readonly history: boolean;
  /** What serves; the one it would choose by itself where this does not say. */
  readonly engine?: EngineName;
  /** Only these, separated by commas. */
  readonly collectors?: string;
  /** With the default watches; without any where this does not say. */
  readonly watches?: boolean;
  /** As `node FILE`, without the flags that the program itself chooses. */
  readonly plain?: boolean;
  /** CPU it is made to waste at every tick, to see that the budget notices. */
  readonly handicapUs?: number;
}

/** `hzstat serve` as people run it, on a free port and with a data directory of its own. */
export class HzstatProcess extends MeasuredProcess {
  readonly url: string;
  /** Gone when the process is. */
  readonly dataDir: string | undefined;

  static async start(options: HzstatOptions): Promise<HzstatProcess> {
    const { hz, history, engine = 'auto', collectors, watches = false, plain = false, handicapUs } = options;
    const dataDir = history ? mkdtempSync(join(tmpdir(), 'hzstat-bench-')) : undefined;
    const recording = dataDir === undefined ? ['--no-history'] : ['--data-dir', dataDir];
    const chosen = collectors === undefined ? [] : ['--collectors', collectors];
    const watching = watches ? [] : ['--no-watches'];
    const args = [
      ...['serve', '--listen', '127.0.0.1:0', '--engine', engine, '--interval', `${1_000 / hz}ms`],
      ...recording,
      ...chosen,
      ...watching,
    ];
    // The rate is what is measured: nothing may lower it meanwhile, be it the budget or this machine's own settings.
    const env = {
      ...process.env,
      HZSTAT_CONFIG: '/dev/null',
      HZSTAT_BUDGET: 'off',
      BENCH_HANDICAP_US: String(handicapUs),
      // Under this Node, with the flags it chooses for it.
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      ...(handicapUs !== undefined && {
        NODE_OPTIONS: `--import=${pathToFileURL(`${PROGRAMS}controls/handicap.js`).href}`,
      }),
    };
    const [program, words] = plain ? [process.execPath, [PRODUCT, ...args]] : [PRODUCT, args];
    const child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env,
    });
    const said: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        const address = /listens on (\S+)/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
      child.once('exit', (code) =>
        reject(new Error(`hzstat ${args.join(' ')} ended with ${code}: ${said.join('\n')}`)),
      );
    });
    return new HzstatProcess(child, url, dataDir);
  }

  private constructor(child: MeasuredProcess['child'], url: string, dataDir: string | undefined) {
    super(child);
    this.url = url;
    this.dataDir = dataDir;
    child.once('exit', () => {
      if (this.dataDir !== undefined) rmSync(this.dataDir, { recursive: true, force: true });
    });
  }

  /** Ticks for which there is no snapshot, by its own account. */
  async missedTicks(): Promise<number> {
    return (await this.#latest()).sampling.missed_ticks;
  }

  /** Snapshots taken so far. */
  async snapshots(): Promise<number> {
    return (await this.#latest()).sequence + 1;
  }

  async #latest(): Promise<Snapshot> {
    const response = await fetch(new URL('/snapshot', this.url));
    const snapshot: Snapshot = JSON.parse(await response.text());
    return snapshot;
  }
}

import { Agent, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free_port.ts';
import type { Peer, RunningPeer } from './peer.ts';
import { findProgram, launch, missingProgram } from './program.ts';

const COLLECTORS = ['cpu', 'meminfo', 'vmstat', 'netdev', 'diskstats', 'loadavg', 'filesystem'];
/** Debian's name for it, and its authors'. */
const NAMES = ['prometheus-node-exporter', 'node_exporter'];

/** The exporter with the collectors that read the same, asked at the rate for plain text. */
export const nodeExporter: Peer = {
  name: 'node_exporter, 7 collectors',
  does: 'answers one scraper',
  rates: [1, 10, 100],
  absence: () =>
    NAMES.some((name) => findProgram(name) !== undefined)
      ? undefined
      : missingProgram('prometheus-node-exporter', NAMES),
  async start(hz): Promise<RunningPeer> {
    const address = `127.0.0.1:${await freePort()}`;
    const name = NAMES.find((candidate) => findProgram(candidate) !== undefined)!;
    const chosen = COLLECTORS.map((collector) => `--collector.${collector}`);
    const run = launch(name, ['--collector.disable-defaults', ...chosen, `--web.listen-address=${address}`]);
    const scraper = new Scraper(`http://${address}/metrics`, hz);
    return {
      pids: [run.pid],
      taken: () => Promise.resolve(scraper.scrapes),
      async stop() {
        scraper.stop();
        await run.stop();
        return undefined;
      },
    };
  },
};

/** Asks at every tick, unless the answer before is still under way. */
class Scraper {
  scrapes = 0;
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #running = true;

  constructor(url: string, hz: number) {
    this.#url = url;
    void this.#run(1_000 / hz);
  }

  stop(): void {
    this.#running = false;
    this.#agent.destroy();
  }

  async #run(intervalMs: number): Promise<void> {
    while (this.#running) {
      if (await this.#scrape()) this.scrapes++;
      const nowMs = performance.now();
      await delay((Math.floor(nowMs / intervalMs) + 1) * intervalMs - nowMs);
    }
  }

  #scrape(): Promise<boolean> {
    return new Promise((resolve) => {
      const request = get(this.#url, { agent: this.#agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode === 200));
      });
      request.once('error', () => resolve(false));
    });
  }
}

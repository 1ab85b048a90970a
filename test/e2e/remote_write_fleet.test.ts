import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJournal } from '../../src/history/journal/journal.ts';
import { SnapshotReader } from '../../src/wire/snapshot_reader.ts';
import { CutNetwork, HAS_NAMESPACES } from '../support/cut_network.ts';
import { MachineCopy } from '../support/machine.ts';
import { TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';
import { HAS_VICTORIA_METRICS, type StoredSeries, VictoriaMetrics } from '../support/victoria_metrics.ts';

const withoutVictoria = skipUnless('victoria-metrics', HAS_VICTORIA_METRICS);
const withoutNamespaces = skipUnless('network namespaces', HAS_NAMESPACES);

const HOSTS = Number(process.env.HZSTAT_FLEET_HOSTS ?? 20);
/** How long the network is gone; the issue of a real one is minutes, and what is done about it the same. */
const CUT_MS = 30_000;
/** What a receiver has been sent is found in it by then. */
const SHOWN_AFTER_MS = 5_000;
const SERIES = 'hzstat_memory_used_ratio';

/** A host that is a copy of a fixture machine, with a data directory of its own. */
class Host {
  readonly name: string;
  readonly machine = new MachineCopy('small-vm');
  readonly #dataDir: string;
  readonly #writeUrl: string;
  #server: TestServer | undefined;

  constructor(number: number, directory: string, writeUrl: string) {
    this.name = `host-${number}`;
    this.#dataDir = join(directory, this.name);
    this.#writeUrl = writeUrl;
  }

  get server(): TestServer {
    if (this.#server === undefined) throw new Error(`${this.name} does not run`);
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await TestServer.start([
      ...['--rootfs', this.machine.rootfs, '--collectors', 'memory', '--interval', '100ms'],
      ...['--data-dir', this.#dataDir, '--label', `host=${this.name}`],
      ...['--remote-write', this.#writeUrl, '--remote-write-full', 'memory.percent'],
    ]);
  }

  /** The state of its receiver, and whether it has had anything in this run. */
  async fares(): Promise<{ state: string; sent_samples: number; dropped_samples: number; lag_ms: number }> {
    const { remote_write } = await this.server.json('/health');
    return (
      remote_write as [{ state: string; sent_samples: number; dropped_samples: number; lag_ms: number }]
    )[0];
  }

  async until(wanted: (fares: Awaited<ReturnType<Host['fares']>>) => boolean): Promise<void> {
    while (!wanted(await this.fares())) await pause(200);
  }

  /** When it sampled memory, in Unix milliseconds, as its journals say. */
  ticks(): number[] {
    const ticks: number[] = [];
    for (const folder of ['recent', 'journal']) {
      for (const name of readdirSync(join(this.#dataDir, folder))) {
        const reader = new SnapshotReader();
        for (const frame of readJournal(join(this.#dataDir, folder, name)).frames) {
          if (reader.header(frame) === undefined) continue;
          const snapshot = reader.snapshot();
          if (snapshot?.parts.has('memory')) ticks.push(Math.floor(snapshot.moment.unixUs / 1_000));
        }
      }
    }
    return ticks.sort((a, b) => a - b);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#server?.stop(signal);
    this.#server = undefined;
  }
}

describe.skipIf(withoutVictoria || withoutNamespaces)(
  `${HOSTS} hosts that write to one VictoriaMetrics`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'hzstat-write-fleet-'));
    let network: CutNetwork;
    let victoria: VictoriaMetrics;
    let hosts: Host[];

    beforeAll(async () => {
      network = new CutNetwork();
      victoria = await VictoriaMetrics.start([], network);
      hosts = Array.from({ length: HOSTS }, (_, number) => new Host(number, directory, victoria.writeUrl));
      for (const host of hosts) await host.start();
    }, 180_000);
    afterAll(async () => {
      for (const host of hosts) {
        await host.end('SIGKILL');
        host.machine.dispose();
      }
      await victoria.stop();
      network.remove();
      rmSync(directory, { recursive: true, force: true });
    }, 60_000);

    test('lose nothing and count nothing twice, whatever is killed or cut, and a spike is found', {
      timeout: 420_000,
    }, async () => {
      await Promise.all(hosts.map((host) => host.until(({ sent_samples }) => sent_samples > 0)));
      const [killed, spiky] = hosts;

      await killed!.end('SIGKILL');
      await victoria.end('SIGKILL');
      await killed!.start();
      await victoria.restart();

      // A spike of some ticks in one host, while nothing can be sent.
      network.cut();
      const meminfo = spiky!.machine.read('proc/meminfo');
      const client = spiky!.server.connect();
      await client.take(1);
      spiky!.machine.write('proc/meminfo', meminfo.replace(/MemAvailable: +\d+/, 'MemAvailable: 1024'));
      const isFull = () => (client.snapshots.at(-1)?.memory?.percent ?? 0) > 90;
      await client.until(isFull);
      spiky!.machine.write('proc/meminfo', meminfo);
      await client.until(() => !isFull());
      const full = client.snapshots.filter(({ memory }) => (memory?.percent ?? 0) > 90);
      client.close();
      await pause(CUT_MS);
      network.mend();

      await Promise.all(
        hosts.map((host) => host.until(({ state, lag_ms }) => state === 'sending' && lag_ms < 15_000)),
      );
      const dropped = await Promise.all(hosts.map(async (host) => (await host.fares()).dropped_samples));
      expect(dropped.every((samples) => samples === 0)).toBe(true);
      await Promise.all(hosts.map((host) => host.end('SIGTERM')));

      for (const host of hosts) {
        const ticks = host.ticks();
        expect(ticks.length, host.name).toBeGreaterThan(200);
        const last = ticks.at(-1) ?? 0;
        const selector = `${SERIES}{host="${host.name}"}`;
        const upToLast = ([found]: readonly StoredSeries[]): number[] =>
          (found?.timestamps ?? []).filter((time) => time <= last);
        // An end sends for a second; what is owed then is sent after the next start.
        let started: Promise<void> | undefined;
        const next = setTimeout(() => {
          started = host.start();
        }, SHOWN_AFTER_MS);
        const stored = await victoria.until(selector, (found) => upToLast(found).length >= ticks.length);
        clearTimeout(next);
        await started;
        expect(stored.slice(1), host.name).toEqual([]);
        expect(
          upToLast(stored).sort((a, b) => a - b),
          host.name,
        ).toEqual(ticks);
      }

      // One query, a tenth of a second a step, says which host and when.
      const at = full.map(({ timestamp }) => Date.parse(timestamp));
      const found = await victoria.queryRange(`${SERIES} > 0.9`, at[0]! - 20_000, at.at(-1)! + 20_000, 100);
      expect(found.map(({ metric }) => metric.host)).toEqual([spiky!.name]);
      const [first = 0] = found[0]!.unixMs;
      expect(Math.abs(first - at[0]!)).toBeLessThanOrEqual(100);
      expect(Math.abs(found[0]!.unixMs.at(-1)! - at.at(-1)!)).toBeLessThanOrEqual(100);
    });
  },
);

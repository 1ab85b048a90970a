import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COLLECTOR_NAMES } from '../../src/model/collectors.ts';
import { Exposition } from '../support/exposition.ts';
import { expectedOf, MACHINES, type Machine, MachineCopy } from '../support/machine.ts';
import { HAS_PROMETHEUS, HAS_PROMTOOL, PrometheusServer } from '../support/prometheus.ts';
import { TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';

const withoutPromtool = skipUnless('promtool', HAS_PROMTOOL);
const withoutPrometheus = skipUnless('prometheus', HAS_PROMETHEUS);

async function metricsOf(server: TestServer): Promise<Exposition> {
  const response = await server.fetch('/metrics');
  expect(response.status).toBe(200);
  return new Exposition(await response.text());
}

function expectNoComplaint(text: string): void {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
}

describe('this machine, with everything switched on', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-metrics-'));
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start(['--collectors', 'all', '--data-dir', dataDir]);
    const client = server.connect();
    // So that rates are known and perf, where there is one, has told its first interval.
    await client.until(() => {
      const latest = client.snapshots.at(-1);
      if (latest?.cpu === undefined || latest.network?.bytes_recv_per_sec === undefined) return false;
      const { perf_events } = latest;
      return perf_events?.elapsed_ms !== undefined || perf_events?.error !== undefined;
    });
    client.close();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('is told in version 0.0.4 of the text format', async () => {
    const response = await server.fetch('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    await response.text();
  });

  test.skipIf(withoutPromtool)('promtool has no complaint', async () => {
    expectNoComplaint(await (await server.fetch('/metrics')).text());
  });

  test('shares are shares of one, and the kinds of CPU time add up', async () => {
    const metrics = await metricsOf(server);
    let ratios = 0;
    for (const [name, { series }] of metrics.families) {
      if (!name.endsWith('_ratio')) continue;
      for (const { value } of series) {
        ratios++;
        expect(value, name).toBeGreaterThanOrEqual(0);
        expect(value, name).toBeLessThanOrEqual(1.000_001);
      }
    }
    expect(ratios).toBeGreaterThan(10);
    const kinds = metrics.families.get('hzstat_cpu_mode_ratio')!.series;
    expect(kinds.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 6);
  });

  test('the sampler accounts for itself', async () => {
    const first = await metricsOf(server);
    const client = server.connect();
    await client.take(3);
    client.close();
    const later = await metricsOf(server);
    for (const name of ['hzstat_snapshots_total', 'hzstat_process_cpu_seconds_total']) {
      expect(later.value(name), name).toBeGreaterThan(first.value(name)!);
    }
    expect(
      later.value('hzstat_snapshots_total')! - first.value('hzstat_snapshots_total')!,
    ).toBeGreaterThanOrEqual(3);
    expect(later.value('hzstat_process_start_time_seconds')).toBe(
      first.value('hzstat_process_start_time_seconds'),
    );
    expect(Math.abs(later.value('hzstat_snapshot_timestamp_seconds')! - Date.now() / 1_000)).toBeLessThan(60);
    expect(later.value('hzstat_sampling_interval_seconds')).toBeGreaterThanOrEqual(0.1);
    expect(later.value('hzstat_history_recording')).toBe(1);
    expect(later.value('hzstat_history_lost_snapshots_total')).toBe(0);
    expect(later.labelValues('hzstat_build_info', 'node')).toEqual([process.versions.node]);
    expect(later.labelValues('hzstat_collector_enabled', 'collector')).toEqual([...COLLECTOR_NAMES]);
  });

  test('a collector that is switched off takes its series along', async () => {
    const switchMemory = (enabled: boolean): Promise<unknown> =>
      server.json('/collectors/memory', { method: 'PATCH', body: JSON.stringify({ enabled }) });
    const until = async (enabled: boolean): Promise<Exposition> => {
      const client = server.connect();
      await client.until(
        () => (client.snapshots.at(-1)?.memory !== undefined) === enabled && client.snapshots.length > 0,
      );
      client.close();
      return metricsOf(server);
    };
    await switchMemory(false);
    const off = await until(false);
    await switchMemory(true);
    const on = await until(true);
    expect(off.value('hzstat_collector_enabled', { collector: 'memory' })).toBe(0);
    expect(off.value('hzstat_collector_up', { collector: 'memory' })).toBeUndefined();
    expect(off.families.has('hzstat_memory_total_bytes')).toBe(false);
    expect(on.value('hzstat_collector_enabled', { collector: 'memory' })).toBe(1);
  });
});

describe.each(MACHINES)('the fixture machine %s', (machine: Machine) => {
  const expected = expectedOf(machine);
  const copy = new MachineCopy(machine);
  let text: string;
  let metrics: Exposition;
  beforeAll(async () => {
    const collectors = COLLECTOR_NAMES.filter((name) => name !== 'perf_events').join(',');
    const server = await TestServer.start(['--rootfs', copy.rootfs, '--collectors', collectors]);
    const client = server.connect();
    await client.until(() => {
      const latest = client.snapshots.at(-1);
      return latest?.memory !== undefined && latest.network !== undefined && latest.disk !== undefined;
    });
    // The files stand still, so every snapshot that has them all says the same.
    for (metrics = await metricsOf(server); !isComplete(metrics); metrics = await metricsOf(server)) {
      await client.take(client.snapshots.length + 1);
    }
    text = await (await server.fetch('/metrics')).text();
    client.close();
    await server.stop();
    copy.dispose();
  });

  function isComplete({ families }: Exposition): boolean {
    return [
      'memory_total_bytes',
      'network_receive_bytes_total',
      'disk_read_bytes_total',
      'forks_total',
      expected.pressure === null ? 'collector_failure_info' : 'pressure_some_seconds_total',
    ].every((name) => families.has(`hzstat_${name}`));
  }

  test.skipIf(withoutPromtool)('has nothing promtool would complain about', () => expectNoComplaint(text));

  test("counters are the kernel's", () => {
    const { network, disk, memory } = expected;
    expect(metrics.value('hzstat_network_receive_bytes_total')).toBe(network.totals_first.bytes_recv);
    expect(metrics.value('hzstat_network_transmit_packets_total')).toBe(network.totals_first.packets_sent);
    expect(metrics.value('hzstat_disk_read_bytes_total')).toBe(disk.totals_first.read_bytes);
    expect(metrics.value('hzstat_disk_writes_completed_total')).toBe(disk.totals_first.write_count);
    expect(metrics.value('hzstat_memory_total_bytes')).toBe(memory.first.total);
    expect(metrics.labelValues('hzstat_network_interface_summed', 'interface').sort()).toEqual(
      [...network.interfaces].filter((name) => !network.new_later.includes(name)).sort(),
    );
  });

  test('where the kernel has no PSI, there is no series of it, and the reason is named', () => {
    const without = expected.pressure === null;
    expect(metrics.families.has('hzstat_pressure_some_seconds_total')).toBe(!without);
    expect(metrics.value('hzstat_collector_up', { collector: 'pressure' })).toBe(without ? 0 : 1);
    expect(metrics.labelValues('hzstat_collector_failure_info', 'code')).toEqual(
      without ? ['SOURCE_MISSING'] : [],
    );
  });
});

test('before the first snapshot there is nothing to tell', async () => {
  const server = await TestServer.start(['--collectors', 'memory', '--interval', '1h']);
  const response = await server.fetch('/metrics');
  const answer: unknown = await response.json();
  await server.stop();
  expect(response.status).toBe(503);
  expect(answer).toMatchObject({ error: { code: 'NO_SNAPSHOT_YET' } });
});

describe.skipIf(withoutPrometheus)('a real Prometheus', () => {
  const TOKEN = 'a-long-enough-secret-for-this';
  const copy = new MachineCopy('small-vm');
  const secrets = mkdtempSync(join(tmpdir(), 'hzstat-metrics-token-'));
  let still: TestServer;
  let live: TestServer;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    const tokenFile = join(secrets, 'token');
    writeFileSync(tokenFile, TOKEN);
    still = await TestServer.start(['--rootfs', copy.rootfs, '--collectors', 'network,disk']);
    live = await TestServer.start(['--collectors', 'memory,interrupts', '--token', TOKEN, '--budget', 'off']);
    const hostOf = ({ url }: TestServer): string => new URL(url).host;
    prometheus = await PrometheusServer.start(`
scrape_configs:
  - job_name: still
    static_configs: [{ targets: ['${hostOf(still)}'] }]
  - job_name: live
    authorization: { credentials_file: ${tokenFile} }
    static_configs: [{ targets: ['${hostOf(live)}'] }]
  - job_name: stranger
    static_configs: [{ targets: ['${hostOf(live)}'] }]
`);
  });
  afterAll(async () => {
    await prometheus.stop();
    await still.stop();
    await live.stop();
    copy.dispose();
    rmSync(secrets, { recursive: true, force: true });
  });

  test('scrapes, and answers with the value', async () => {
    const { network } = expectedOf('small-vm');
    const wire = network.physical[0]!;
    const query = `hzstat_network_interface_receive_bytes_total{job="still",interface="${wire}"}`;
    const [sample] = await prometheus.until(query, ({ length }) => length === 1);
    expect(Number(sample?.value[1])).toBe(network.totals_first.bytes_recv);
  });

  test('is let in with the token, and not without', async () => {
    await prometheus.until('up{job="live"} == 1', ({ length }) => length === 1);
    await prometheus.until('up{job="stranger"} == 0', ({ length }) => length === 1);
  });

  test('keeps everything it was told', async () => {
    await prometheus.until('up{job="live"} == 1', ({ length }) => length === 1);
    const told = [...(await metricsOf(still)).families.values()].reduce(
      (sum, { series }) => sum + series.length,
      0,
    );
    const kept = await prometheus.until(
      'scrape_samples_post_metric_relabeling{job="still"}',
      ([sample]) => sample !== undefined && Number(sample.value[1]) > 0,
    );
    expect(Number(kept[0]?.value[1])).toBe(told);
  });

  test('takes rates of its own from the counters', async () => {
    await prometheus.until(
      'rate(hzstat_context_switches_total{job="live"}[5s]) > 0',
      ({ length }) => length === 1,
    );
    // With the ticks that were missed there are ten a second, by the time the snapshots tell.
    const delta = (name: string): string => `delta(hzstat_${name}{job="live"}[5s])`;
    const [ticks] = await prometheus.until(
      `(${delta('snapshots_total')} + ${delta('sampling_missed_ticks_total')}) / (${delta('snapshot_timestamp_seconds')} > 0)`,
      ({ length }) => length === 1,
    );
    expect(Number(ticks?.value[1])).toBeCloseTo(10, 1);
  });
});

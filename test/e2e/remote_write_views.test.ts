import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_PROMTOOL } from '../support/prometheus.ts';
import { TestServer } from '../support/server.ts';
import { skipUnless } from '../support/skip.ts';
import { HAS_VICTORIA_METRICS, VictoriaMetrics } from '../support/victoria_metrics.ts';

const withoutVictoria = skipUnless('victoria-metrics', HAS_VICTORIA_METRICS);
const withoutPromtool = skipUnless('promtool', HAS_PROMTOOL);
const FLEET = join(import.meta.dirname, '../../docs/fleet');

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

const dashboard: Dashboard = JSON.parse(readFileSync(join(FLEET, 'grafana.json'), 'utf8'));
const rules = readFileSync(join(FLEET, 'rules.yml'), 'utf8');

/** What Grafana makes of a query. */
function asGrafana(expr: string): string {
  return expr
    .replaceAll('$__interval', '10s')
    .replaceAll('$__rate_interval', '10s')
    .replaceAll('$host', '.*');
}

/** The queries of the rules, by what they record or warn of. */
function ruleQueries(): [string, string][] {
  const blocks = rules.split(/\n {6}- (?=record|alert)/).slice(1);
  return blocks.map((block) => {
    const [, name = ''] = /^(?:record|alert): (\S+)/.exec(block) ?? [];
    const [, rest = ''] = /\n {8}expr: ([\s\S]*?)(?=\n {8}\w+:|\n\n|$)/.exec(block) ?? [];
    return [
      name,
      rest
        .replace(/^>-\s*/, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ];
  });
}

test.skipIf(withoutPromtool)('promtool has no complaint about the rules', () => {
  const { status, stderr } = spawnSync('promtool', ['check', 'rules', join(FLEET, 'rules.yml')], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

describe.skipIf(withoutPromtool)('to Prometheus', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-rules-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Whether an alert fires at that second when these values come, one a second. */
  function fires(alert: string, atSecond: number, series: Readonly<Record<string, string>>): boolean {
    const tests = {
      rule_files: [join(FLEET, 'rules.yml')],
      evaluation_interval: '5s',
      tests: [
        {
          interval: '1s',
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: [{ eval_time: `${atSecond}s`, alertname: alert, exp_alerts: [] }],
        },
      ],
    };
    const path = join(directory, 'test.yml');
    writeFileSync(path, JSON.stringify(tests));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
    const text = stdout + stderr;
    if (status !== 0 && !text.includes(`alertname: ${alert}`)) throw new Error(text);
    return status !== 0;
  }

  const cpu = (maxima: string) => ({
    'hzstat_cpu_usage_ratio_max{host="a"}': maxima,
    'hzstat_cpu_usage_ratio_avg{host="a"}': '0.05x60',
  });

  // A spike of a tenth of a second, in any second between two evaluations.
  test.each([20, 21, 22, 23, 24])('a CPU that is full for a tenth of second %i is told', (second) => {
    expect(fires('HzstatCpuSpike', 30, cpu(`0.1x${second - 1} 0.99 0.1x${60 - second}`))).toBe(true);
  });

  test('one that is never, or always, is not', () => {
    expect(fires('HzstatCpuSpike', 30, cpu('0.1x60'))).toBe(false);
    expect(
      fires('HzstatCpuSpike', 30, { ...cpu('1x60'), 'hzstat_cpu_usage_ratio_avg{host="a"}': '1x60' }),
    ).toBe(false);
  });

  test('a disk that is slow for a moment is told, and one that is not is not', () => {
    const name = 'hzstat_disk_device_write_latency_seconds_max{host="a",device="sda"}';
    expect(fires('HzstatDiskLatencySpike', 30, { [name]: '0.001x20 0.4 0.001x40' })).toBe(true);
    expect(fires('HzstatDiskLatencySpike', 30, { [name]: '0.001x60' })).toBe(false);
  });

  test('a host that falls silent is told', () => {
    expect(fires('HzstatSilent', 120, { 'hzstat_snapshot_timestamp_seconds{host="a"}': '0+1x20' })).toBe(
      true,
    );
    expect(fires('HzstatSilent', 120, { 'hzstat_snapshot_timestamp_seconds{host="a"}': '0+1x120' })).toBe(
      false,
    );
  });
});

test('every variable of the dashboard is declared, and none is left in a query', () => {
  const names = dashboard.templating.list.map(({ name }) => name);
  expect(names).toEqual(['datasource', 'host']);
  for (const { targets } of dashboard.panels)
    for (const { expr } of targets) expect(asGrafana(expr)).not.toContain('$');
});

describe.skipIf(withoutVictoria)('with what a host has sent', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'hzstat-views-'));
  let victoria: VictoriaMetrics;
  let atSeconds: number;
  beforeAll(async () => {
    victoria = await VictoriaMetrics.start();
    const server = await TestServer.start([
      ...['--data-dir', dataDir, '--label', 'host=under-test'],
      ...['--remote-write', victoria.writeUrl],
    ]);
    // A rate needs two samples, and what is folded is there when its second is over.
    const [series] = await victoria.until(
      'hzstat_cpu_usage_ratio_max',
      ([found]) => (found?.timestamps.length ?? 0) >= 6,
    );
    atSeconds = series!.timestamps.at(-1)! / 1_000;
    await server.stop();
  }, 120_000);
  afterAll(async () => {
    await victoria.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** What this host may have none of. */
  const MAY_BE_EMPTY = /disk_device/;

  test.each(
    dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  )('the panel "%s" shows something: %s', async (_, expr) => {
    const found = await victoria.query(asGrafana(expr), atSeconds);
    if (MAY_BE_EMPTY.test(expr)) return;
    expect(found.length).toBeGreaterThan(0);
    for (const { metric, value } of found) {
      expect(metric.host).toBe('under-test');
      expect(Number.isFinite(value)).toBe(true);
    }
  });

  test.each(ruleQueries())('the rule %s can be asked: %s', async (name, expr) => {
    const found = await victoria.query(expr, atSeconds);
    if (name.startsWith('host:')) expect(found[0]?.metric.host).toBe('under-test');
    // Nothing is wrong with this host but what a busy machine may do to it.
    if (/Silent|Behind|Drops/.test(name)) expect(found).toEqual([]);
  });
});

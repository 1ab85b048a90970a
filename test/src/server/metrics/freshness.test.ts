import { expect, test } from 'vitest';
import { monotonicNs } from '../../../../src/base/clock.ts';
import type { Snapshot } from '../../../../src/model/snapshot.ts';
import type { StreamSource } from '../../../../src/server/source/source.ts';
import { StreamServer } from '../../../../src/server/stream_server.ts';
import { ENGINE } from '../../../support/engines.ts';
import { Exposition } from '../../../support/exposition.ts';

const INTERVAL_MS = 100;

/** A sampler whose latest snapshot is of that age. */
function sourceOf(ageMs: number): StreamSource {
  const latest: Snapshot = {
    type: 'snapshot',
    sequence: 7,
    timestamp: '2026-01-05T10:00:00.000000Z',
    sampling: {
      tick: (monotonicNs() / 1e6 - ageMs) / INTERVAL_MS,
      interval_ms: INTERVAL_MS,
      lateness_ms: 0,
      missed_ticks: 0,
      memory_bytes: 1,
      collectors: {},
    },
  };
  return { intervalMs: INTERVAL_MS, latest, collectors: [], setEnabled() {}, drain() {}, setPace() {} };
}

async function scrape(source: StreamSource): Promise<{ status: number; text: string }> {
  const server = await StreamServer.start({
    engine: ENGINE,
    listen: { host: '127.0.0.1', port: 0 },
    source,
    version: '1.2.3',
    hostname: 'host',
  });
  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  const answer = { status: response.status, text: await response.text() };
  await server.close();
  return answer;
}

test('a snapshot of just now is told', async () => {
  const { status, text } = await scrape(sourceOf(0));
  expect(status).toBe(200);
  expect(new Exposition(text).value('hzstat_snapshots_total')).toBe(8);
});

test('while sampling stands still, the scrape fails: old values would pass for new ones', async () => {
  const { status, text } = await scrape(sourceOf(60_000));
  expect(status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'SAMPLING_STALLED' } });
});

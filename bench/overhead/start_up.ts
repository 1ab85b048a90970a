import { spawnSync } from 'node:child_process';
import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_MS } from '../../src/base/units.ts';
import { median } from '../measure/statistics.ts';
import { HzstatProcess } from '../processes/hzstat.ts';
import { Readers } from '../readers/readers.ts';

/** How long starting takes, in milliseconds. */
export interface StartUp {
  /** From the start of the process to the first snapshot in the hands of a client. */
  readonly first_snapshot_ms: number;
  /** A Node that does nothing, from its start to its end: the control. */
  readonly bare_node_ms: number;
}

/** Starts the product and a bare Node in turn. */
export async function measureStartUp(starts: number): Promise<StartUp> {
  const product: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i < starts; i++) {
    bare.push(timeBareNode());
    product.push(await timeFirstSnapshot());
  }
  return {
    first_snapshot_ms: median(product) ?? Number.NaN,
    bare_node_ms: median(bare) ?? Number.NaN,
  };
}

function timeBareNode(): number {
  const begunMs = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - begunMs;
}

async function timeFirstSnapshot(): Promise<number> {
  const readers = await Readers.start();
  // An answer shows that the reader is up: its own start is not to be waited for.
  await readers.end();
  const begunNs = monotonicNs();
  const server = await HzstatProcess.start({ hz: 10, history: true });
  try {
    await readers.connect(server.url, 1, 1);
    return ((await readers.firstSnapshotNs()) - begunNs) / NS_PER_MS;
  } finally {
    readers.stop();
    await server.stop();
  }
}

import { isMainThread } from 'node:worker_threads';
import { parseDurationMs } from '../../src/base/units.ts';

// Loaded into the product before its own code: a deliberate slow-down, to see that the budget notices. Burns CPU at
// every tick, as one careless line on the way of a snapshot would.

const burnMs = Number(process.env.BENCH_HANDICAP_US) / 1_000;
const interval = process.argv[process.argv.indexOf('--interval') + 1] ?? '100ms';

function burn(): void {
  const untilMs = performance.now() + burnMs;
  while (performance.now() < untilMs);
}

// The helpers of the product are given the same options.
if (isMainThread && process.argv.includes('serve')) setInterval(burn, parseDurationMs(interval)).unref();

import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_MS, NS_PER_SECOND } from '../../src/base/units.ts';

// bare_ticks HZ SECONDS: a thread that wakes for every tick and does nothing, as a control of what punctuality the
// machine allows at this moment. Prints {on_time_percent}: ticks it woke for before the next one was due.

const [hz = 1_000, seconds = 1] = process.argv.slice(2).map(Number);
const intervalNs = NS_PER_SECOND / hz;
const cell = new Int32Array(new SharedArrayBuffer(4));
const firstTick = Math.ceil(monotonicNs() / intervalNs);
const endTick = firstTick + hz * seconds;
let onTime = 0;

for (let tick = firstTick; tick < endTick; ) {
  const leftNs = tick * intervalNs - monotonicNs();
  if (leftNs > 0) Atomics.wait(cell, 0, 0, leftNs / NS_PER_MS);
  const nowNs = monotonicNs();
  if (nowNs - tick * intervalNs < intervalNs) onTime++;
  tick = Math.max(tick + 1, Math.floor(nowNs / intervalNs));
}
process.stdout.write(`${JSON.stringify({ on_time_percent: (100 * onTime) / (endTick - firstTick) })}\n`);

// A known load: `node load.mjs CYCLE_MS BUSY_MS,BUSY_MS,... CYCLES`, busy for so long of each cycle, every figure for
// so many cycles in turn. Prints the monotonic time in milliseconds at the start of each figure and at the end.
const [cycleMs = 0, , cycles = 0] = process.argv.slice(2).map(Number);
const busy = process.argv[3].split(',').map(Number);
const cell = new Int32Array(new SharedArrayBuffer(4));
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
let start = nowMs();
const say = () => process.stdout.write(`${start}\n`);
for (const busyMs of busy) {
  say();
  for (let cycle = 0; cycle < cycles; cycle++) {
    while (nowMs() < start + busyMs);
    start += cycleMs;
    const leftMs = start - nowMs();
    if (leftMs > 0) Atomics.wait(cell, 0, 0, leftMs);
  }
}
say();

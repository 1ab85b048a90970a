/**
 * Uses CPU time in bursts that are told: on each line of stdin, slices of 100 ms of which so much percent is used, as
 * `20 100 50`, and afterwards a line of JSON with what was used until when, by its own account.
 */
import { createInterface } from 'node:readline';

const SLICE_MS = 100;
const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const nowNs = () => Number(process.hrtime.bigint());
const sleep = new Int32Array(new SharedArrayBuffer(4));

for await (const line of createInterface({ input: process.stdin })) {
  const log = [[nowNs(), cpuUs()]];
  for (const share of line.split(' ').map(Number)) {
    const endNs = nowNs() + SLICE_MS * 1e6;
    const enoughUs = cpuUs() + share * SLICE_MS * 10;
    while (nowNs() < endNs && cpuUs() < enoughUs) {
      const untilNs = nowNs() + 1e6;
      while (nowNs() < untilNs);
      log.push([nowNs(), cpuUs()]);
    }
    Atomics.wait(sleep, 0, 0, Math.max(0, (endNs - nowNs()) / 1e6));
    log.push([nowNs(), cpuUs()]);
  }
  process.stdout.write(`${JSON.stringify(log)}\n`);
}

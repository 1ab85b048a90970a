import { pathToFileURL } from 'node:url';

// systeminformation_loop MODULE HZ: a loop over what the npm package systeminformation calls by these names. Tells
// its parent how many rounds it has done.

const [module = '', rate = '1'] = process.argv.slice(2);
const intervalMs = 1_000 / Number(rate);
const READINGS = [
  'currentLoad',
  'mem',
  'networkStats',
  'disksIO',
  'fsSize',
  'cpuCurrentSpeed',
  'cpuTemperature',
];

const loaded: { default: Record<string, () => Promise<unknown>> } = await import(pathToFileURL(module).href);
let rounds = 0;

async function round(): Promise<void> {
  await Promise.all(READINGS.map((name) => loaded.default[name]?.()));
  process.send?.(++rounds);
  const nowMs = performance.now();
  setTimeout(() => void round(), (Math.floor(nowMs / intervalMs) + 1) * intervalMs - nowMs);
}

process.on('disconnect', () => process.exit());
await round();

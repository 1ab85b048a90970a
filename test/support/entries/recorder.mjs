// Records a snapshot every few milliseconds until it is killed, and says which it recorded when, and how long the
// disk has kept somebody else waiting at most.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { History } from '../../../dist/src/history/history.js';
import { SnapshotPacker } from '../../../dist/src/records/snapshot_packer.js';

const FOREVER = 1e15;
const [dataDir, first, journalMs, hourMs, dayMs, retentionMs = FOREVER] = process.argv.slice(2);
const PROBE_EVERY_MS = 50;
const history = await History.open({
  dataDir,
  retentionMs: Number(retentionMs),
  incidentRetentionMs: FOREVER,
  rollupRetentionMs: FOREVER,
  retentionBytes: FOREVER,
  journalMs: Number(journalMs),
  hourMs: Number(hourMs),
  dayMs: Number(dayMs),
  journalBytes: 24e6,
});
const packer = new SnapshotPacker();
let sequence = Number(first);
setInterval(() => {
  const timestamp = new Date().toISOString().replace('Z', '000Z');
  const sampling = {
    tick: sequence,
    interval_ms: 5,
    lateness_ms: 0,
    missed_ticks: 0,
    memory_bytes: 1,
    collectors: {},
  };
  history.record(packer.pack({ type: 'snapshot', sequence, timestamp, sampling }));
  process.stdout.write(`${sequence} ${Date.now()} ${longestStall()}\n`);
  sequence++;
}, 5);

let longestMs = 0;
let askedMs;

function longestStall() {
  return Math.max(longestMs, askedMs === undefined ? 0 : performance.now() - askedMs);
}

const probe = await open(join(dataDir, 'probe'), 'w');
for (;;) {
  await probe.write('?', 0);
  askedMs = performance.now();
  await probe.datasync();
  longestMs = longestStall();
  askedMs = undefined;
  await delay(PROBE_EVERY_MS);
}

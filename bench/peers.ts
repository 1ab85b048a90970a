import { parseArgs } from 'node:util';
import { describeHost, hostFacts } from './measure/host.ts';
import { collectl } from './peers/collectl.ts';
import { hzstatReading, hzstatWhole } from './peers/hzstat.ts';
import { netdata } from './peers/netdata.ts';
import { nodeExporter } from './peers/node_exporter.ts';
import { pcp } from './peers/pcp.ts';
import type { Peer } from './peers/peer.ts';
import { psutil } from './peers/psutil.ts';
import { measurePeers } from './peers/run.ts';
import { sadc } from './peers/sadc.ts';
import { systeminformation } from './peers/systeminformation.ts';
import { peersTable } from './peers/table.ts';
import { MeasuredProcess } from './processes/measured_process.ts';

// npm run bench:peers: the same work side by side with whatever else of its kind is installed.

const PEERS: readonly Peer[] = [
  hzstatReading,
  hzstatWhole,
  psutil,
  collectl,
  pcp,
  nodeExporter,
  sadc,
  netdata,
  systeminformation,
];

process.on('exit', () => MeasuredProcess.killAll());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rates: { type: 'string', default: '1,10,100' },
    rounds: { type: 'string', default: '2' },
  },
});
const rates = values.rates.split(',').map(Number);
const host = hostFacts();
const present = PEERS.filter((peer) => peer.absence() === undefined);
const absent = PEERS.flatMap((peer) => {
  const reason = peer.absence();
  return reason === undefined ? [] : [{ peer: peer.name, reason }];
});
const { rows, failures } = await measurePeers(present, rates, Number(values.rounds));
const unmeasured = [...absent, ...failures];
if (values.json) {
  process.stdout.write(`${JSON.stringify({ bench: 'peers', host, rows, unmeasured }, undefined, 2)}\n`);
} else {
  process.stdout.write(`${describeHost(host)}\n\n${peersTable(rows)}\n`);
  for (const { peer, reason } of unmeasured) process.stdout.write(`not measured: ${peer}: ${reason}\n`);
}

import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { monotonicNs } from '../../src/base/clock.ts';
import { NS_PER_MS } from '../../src/base/units.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

// ws_json_server HZ: how one would write a stream at first, as a control: the `ws` package, and JSON.stringify for
// every client. The snapshot it sends comes over IPC; it says where it listens and then sends at every tick.

const [hz = 10] = process.argv.slice(2).map(Number);
const intervalMs = 1_000 / hz;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });

function send(snapshot: Snapshot, tick: number): void {
  const { sampling } = snapshot;
  const current = { ...snapshot, sequence: tick, sampling: { ...sampling, tick, interval_ms: intervalMs } };
  for (const client of server.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(JSON.stringify(current));
  }
}

function run(snapshot: Snapshot): void {
  const tick = Math.floor(monotonicNs() / NS_PER_MS / intervalMs) + 1;
  setTimeout(
    () => {
      send(snapshot, tick);
      run(snapshot);
    },
    tick * intervalMs - monotonicNs() / NS_PER_MS,
  );
}

process.once('message', (snapshot: Snapshot) => run(snapshot));
process.on('disconnect', () => process.exit());
server.once('listening', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}`);
});

import { WebSocket } from 'ws';
import { monotonicNs } from '../../src/base/clock.ts';
import { decodeFrame } from '../../src/wire/packing/codec.ts';
import type { Frame } from '../../src/wire/protocol/frames.ts';
import type { FromReaders, ToReaders } from './protocol.ts';
import { Window } from './window.ts';

// Reads streams in a process of its own, so that the cost of reading is not taken for the cost of sending.

/** Connections opened at a time: a server is to be measured at serving, not at greeting. */
const OPENED_AT_ONCE = 50;

let window = new Window();
let lost = 0;
let greeted = false;

function read(socket: WebSocket, decodes: boolean): void {
  socket.on('message', (data: Buffer, isBinary) => {
    const arrivedNs = monotonicNs();
    window.count(data.length);
    // Decoding waits until what else has arrived is stamped.
    if (decodes)
      setImmediate(() => take(isBinary ? decodeFrame(data) : JSON.parse(data.toString()), arrivedNs));
  });
  socket.on('close', () => {
    lost++;
  });
}

function take(frame: Frame, arrivedNs: number): void {
  if (frame.type !== 'snapshot') return;
  window.observe(frame, arrivedNs);
  if (greeted) return;
  greeted = true;
  tell({ type: 'first-snapshot', atNs: arrivedNs });
}

async function connect(url: string, connections: number, decodeEvery: number): Promise<void> {
  for (let opened = 0; opened < connections; opened += OPENED_AT_ONCE) {
    const batch = Array.from({ length: Math.min(OPENED_AT_ONCE, connections - opened) }, (_, index) =>
      open(url, (opened + index) % decodeEvery === 0),
    );
    await Promise.all(batch);
  }
  tell({ type: 'connected' });
}

function open(url: string, decodes: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    read(socket, decodes);
    socket.once('open', resolve);
    socket.once('error', reject);
  });
}

function tell(message: FromReaders): void {
  process.send?.(message);
}

process.on('message', (message: ToReaders) => {
  switch (message.type) {
    case 'connect':
      void connect(message.url, message.connections, message.decodeEvery);
      break;
    case 'begin':
      window = new Window();
      break;
    case 'end':
      tell({ type: 'received', received: window.received(lost) });
      break;
  }
});
process.on('disconnect', () => process.exit());

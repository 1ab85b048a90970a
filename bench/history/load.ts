import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';

// A process that keeps a machine busy in the way real work does: bursts of computing, files that are written and
// synced, memory that is touched and let go, bytes over the loopback. Ends when its parent does.

const [directory = '.'] = process.argv.slice(2);
const path = join(directory, `load-${process.pid}`);
const CHUNK = Buffer.alloc(256 * 1024, 'busy');
const LONGEST_BURST_MS = 120;
const LONGEST_PAUSE_MS = 60;

function compute(untilMs: number): void {
  const hash = createHash('sha256');
  while (performance.now() < untilMs) hash.update(CHUNK);
}

function write(chunks: number): void {
  const fd = openSync(path, 'w');
  for (let i = 0; i < chunks; i++) writeSync(fd, CHUNK);
  fsyncSync(fd);
  closeSync(fd);
}

/** Fresh memory, each page of it touched. */
function touch(bytes: number): number {
  return Buffer.alloc(bytes, 1)[bytes - 1]!;
}

const server = createServer((socket) => socket.resume());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  const work = (): void => {
    compute(performance.now() + Math.random() * LONGEST_BURST_MS);
    if (Math.random() < 0.3) write(Math.ceil(Math.random() * 16));
    if (Math.random() < 0.5) touch(Math.ceil(Math.random() * 16 * 1024 * 1024));
    if (!socket.writableNeedDrain) socket.write(CHUNK);
    setTimeout(work, Math.random() * LONGEST_PAUSE_MS);
  };
  socket.on('connect', work);
});
process.on('disconnect', () => {
  rmSync(path, { force: true });
  process.exit();
});

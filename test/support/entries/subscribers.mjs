// Opens streams, each with another subscription, and reads what comes without looking at it.
// Usage: subscribers.mjs URL STREAMS TICK_MS; says what became of them in a line of JSON, and stays until it is ended.
import { WebSocket } from 'ws';

const AT_A_TIME = 50;
const COLLECTORS = ['cpu', 'memory', 'network', 'disk', 'memory_bandwidth'];
const FORMATS = ['msgpack', 'json', 'msgpack-records'];
const AGGREGATES = ['mean', 'minmax'];

const [url, streams, tickMs] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const selections = 2 ** COLLECTORS.length - 1;

/** The nth of all distinct subscriptions, those with every snapshot first. */
function subscription(n) {
  const format = FORMATS[n % FORMATS.length];
  const rest = Math.floor(n / FORMATS.length);
  const bits = 1 + (rest % selections);
  const collectors = COLLECTORS.filter((_, index) => (bits >> index) & 1).join(',');
  const slower = Math.floor(rest / selections);
  const aggregate = AGGREGATES[slower % 2];
  const interval = slower === 0 ? '' : `&interval=${(1 + Math.ceil(slower / 2)) * tickMs}ms`;
  return `format=${format}&collectors=${collectors}&aggregate=${aggregate}${interval}`;
}

const outcome = { open: 0, refused: {}, cut: {} };

function count(counts, key) {
  counts[key] = (counts[key] ?? 0) + 1;
}

function open(n) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${url}/stream?${subscription(n)}`, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    socket.on('open', () => {
      outcome.open++;
      resolve();
    });
    socket.on('unexpected-response', (_, response) => {
      count(outcome.refused, response.statusCode);
      response.resume();
      socket.terminate();
      resolve();
    });
    socket.on('error', resolve);
    socket.on('close', (code) => count(outcome.cut, code));
  });
}

for (let n = 0; n < streams; n += AT_A_TIME) {
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, streams - n) }, (_, index) => open(n + index)));
}
process.stdout.write(`${JSON.stringify(outcome)}\n`);

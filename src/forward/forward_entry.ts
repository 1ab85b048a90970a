import { writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { errorMessage } from '../base/errors.ts';
import { OWN_NAME_FILE, threadName } from '../base/thread_name.ts';
import { US_PER_MS } from '../base/units.ts';
import type { ForwardTask, FromForward, ToForward } from './messages.ts';
import { JournalSource } from './reading/journal_source.ts';
import { byAge, Journals } from './reading/journals.ts';
import { HeldSnapshots, MemorySource } from './reading/memory_source.ts';
import { Cursor, type Progress } from './sending/cursor.ts';
import { ProgressKeeper } from './sending/progress_keeper.ts';
import { Target } from './sending/target.ts';

// The thread that sends to other engines. It reads what was recorded behind whoever records it; nobody waits for it.

try {
  writeFileSync(OWN_NAME_FILE, threadName('forward'));
} catch {
  // A name is a convenience; it does without.
}

/** Fewer than history keeps of the fastest sampling, and seldom enough not to cost anything. */
const KEEP_EVERY_MS = 5_000;
/** Of snapshots that are recorded nowhere so much is held for receivers that are away. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;
const LONGEST_HELD_US = 5 * 60 * 1_000_000;

const { settings, startUs, port }: ForwardTask = workerData;
const post = (message: FromForward): void => port.postMessage(message);
const say = (message: string): void => post({ type: 'said', message });

const { dataDir } = settings;
const held = new HeldSnapshots(MOST_HELD_BYTES, LONGEST_HELD_US);
const journals = dataDir === undefined ? undefined : new Journals(dataDir, settings.keptBytes, say);
const keepers: ProgressKeeper[] = [];
const targets: Target[] = settings.urls.map(targetOf);

function targetOf(url: string): Target {
  const cursor = dataDir === undefined ? undefined : new Cursor(dataDir, url);
  const known = cursor?.read();
  const progress: Progress = known ?? { sinceUs: startUs };
  const source =
    journals === undefined
      ? new MemorySource(held)
      : new JournalSource(journals, 'sinceUs' in progress ? progress.sinceUs : startUs);
  const sayOfIt = (message: string): void => say(`${url}: ${message}`);
  const keeper = cursor && new ProgressKeeper(cursor, sayOfIt);
  if (keeper !== undefined) keepers.push(keeper);
  // Before anything is sent: whatever ends this process, the next one begins here.
  if (known === undefined) keeper?.keep(progress);
  return new Target(url, settings, source, progress, {
    say: sayOfIt,
    keep: (next) => keeper?.keep(next),
    changed: () => post({ type: 'status', targets: targets.map(({ status }) => status) }),
  });
}

/** Keeps what somebody has yet to be sent, and lets go of all else. */
function keepOwed(isAll = false): void {
  try {
    const firsts = targets.flatMap(({ progress }) => {
      if (!('sinceUs' in progress)) return [progress.journal];
      return journals?.namesSince(progress.sinceUs / US_PER_MS).slice(0, 1) ?? [];
    });
    journals?.keep(firsts.sort(byAge)[0], isAll);
  } catch (error) {
    say(`what is not sent yet cannot be kept (${errorMessage(error)})`);
  }
  const sequences = targets.map(({ progress }) => ('sinceUs' in progress ? 0 : progress.sequence));
  held.release(Math.min(...sequences));
}

keepOwed();
const keeping = setInterval(keepOwed, KEEP_EVERY_MS);
let complete: () => void = () => {};
const completed = new Promise<void>((resolve) => {
  complete = resolve;
});

port.on('message', (message: ToForward) => {
  switch (message.type) {
    case 'snapshots':
      held.add(message.batch);
      break;
    case 'end':
      for (const target of targets) target.end(message.withinMs);
      break;
    case 'complete':
      for (const target of targets) target.complete();
      complete();
      break;
  }
});

post({ type: 'status', targets: targets.map(({ status }) => status) });
await Promise.all(targets.map((target) => target.run()));
// What is recorded last is kept, too.
await completed;
clearInterval(keeping);
for (const keeper of keepers) keeper.flush();
keepOwed(true);
post({ type: 'status', targets: targets.map(({ status }) => status) });
port.close();

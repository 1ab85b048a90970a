import { writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { errorMessage, HzstatError, systemErrorCode } from '../../base/errors.ts';
import { OWN_NAME_FILE, threadName } from '../../base/thread_name.ts';
import type { JournalFile } from '../journal/journal_file.ts';
import type { FromWriter, ToWriter, WriterTask } from './messages.ts';
import { Recorder } from './recorder.ts';

// The thread that writes history. It may wait for the disk; nobody waits for it.

try {
  writeFileSync(OWN_NAME_FILE, threadName('history'));
} catch {
  // A name is a convenience; it does without.
}

const { settings, port }: WriterTask = workerData;
const post = (message: FromWriter, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...transfer]);

/** What the disk says when there is no room: it may have some later, and sampling need not wait for it. */
const NO_ROOM: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

function open(): Recorder | undefined {
  const recorder = new Recorder(settings, (message) => post({ type: 'said', message }));
  try {
    recorder.open();
    return recorder;
  } catch (error) {
    if (NO_ROOM.has(systemErrorCode(error))) return recorder;
    if (error instanceof HzstatError && error.code === 'HISTORY_LOCKED') {
      post({ type: 'refused', code: error.code, message: error.message });
    } else {
      const message = `cannot keep history in ${settings.dataDir} (${errorMessage(error)}): choose another --data-dir, or run with --no-history`;
      post({ type: 'refused', code: 'BAD_DATA_DIR', message });
    }
    port.close();
    return undefined;
  }
}

async function segments(recorder: Recorder, request: number): Promise<FromWriter> {
  try {
    const found = await recorder.segments();
    return { type: 'segments', request, segments: found, status: recorder.status };
  } catch (error) {
    return { type: 'segments', request, segments: [], error: errorMessage(error), status: recorder.status };
  }
}

/** None where they cannot be listed: they may be moving, or the directory be gone. */
function journals(recorder: Recorder): readonly JournalFile[] {
  try {
    return recorder.journals();
  } catch {
    return [];
  }
}

const recorder = open();
if (recorder !== undefined) {
  port.on('message', (message: ToWriter) => {
    switch (message.type) {
      case 'append':
        recorder.append(message.period, message.batch);
        post({ type: 'appended', status: recorder.status, rows: message.batch.rows }, [
          message.batch.rows.buffer,
        ]);
        break;
      case 'segments':
        void segments(recorder, message.request).then(post);
        break;
      case 'journals':
        post({ type: 'journals', request: message.request, journals: journals(recorder) });
        break;
      case 'outbox':
        recorder
          .takenAway(message.taken)
          // They stay listed, are found to be where they belong the next time, and go then.
          .catch(() => {})
          .finally(() => {
            post({ type: 'outbox', request: message.request, files: recorder.outbox() });
            post({ type: 'status', status: recorder.status });
          });
        break;
      case 'condemn':
        recorder
          .condemn(message.files)
          // It is in the status, and tried again when the file is met the next time.
          .catch(() => {})
          .finally(() => post({ type: 'status', status: recorder.status }));
        break;
      case 'close':
        void recorder.close().finally(() => {
          post({ type: 'closed' });
          port.close();
        });
        break;
    }
  });
  post({ type: 'started', status: recorder.status });
}

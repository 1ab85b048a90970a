import { workerData } from 'node:worker_threads';
import { errorMessage, HzstatError } from '../shared/errors.ts';
import { lockDataDir } from './lock.ts';
import type { FromWriter, ToWriter, WriterTask } from './messages.ts';
import { Recorder } from './recorder.ts';

// The thread that writes history. It may wait for the disk; nobody waits for it.

const { settings, port }: WriterTask = workerData;
const post = (message: FromWriter, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, [...transfer]);

function open(): { recorder: Recorder; unlock: () => void } | undefined {
  try {
    const recorder = new Recorder(settings);
    const unlock = lockDataDir(settings.dataDir);
    recorder.recover();
    return { recorder, unlock };
  } catch (error) {
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

const opened = open();
if (opened !== undefined) {
  const { recorder, unlock } = opened;
  process.once('uncaughtException', (error) => {
    // Should the thread end while the engine waits for it to deliver rows, the whole process would.
    port.close();
    void recorder.settled().finally(() => {
      throw error;
    });
  });
  port.on('message', (message: ToWriter) => {
    switch (message.type) {
      case 'append':
        recorder.append(message.minute, message.batch);
        post({ type: 'appended', status: recorder.status, rows: message.batch.rows }, [
          message.batch.rows.buffer,
        ]);
        break;
      case 'segments':
        recorder.segments().then(
          (segments) => post({ type: 'segments', request: message.request, segments }),
          (error: unknown) =>
            post({ type: 'segments', request: message.request, segments: [], error: errorMessage(error) }),
        );
        break;
      case 'journals':
        post({ type: 'journals', request: message.request, journals: recorder.journals() });
        break;
      case 'condemn':
        void recorder.condemn(message.files).finally(() => post({ type: 'status', status: recorder.status }));
        break;
      case 'close':
        void recorder.close().finally(() => {
          unlock();
          post({ type: 'closed' });
          port.close();
        });
        break;
    }
  });
  post({ type: 'started', status: recorder.status });
}

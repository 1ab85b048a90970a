import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameBuffer } from '../../../src/history/frame_buffer.ts';
import { JournalWriter, readJournal } from '../../../src/history/journal.ts';
import { Sealer } from '../../../src/history/sealer.ts';
import { encodeSnapshot } from '../../../src/wire/snapshot_encoder.ts';
import type { Collected } from '../machines.ts';
import { snapshotsOf } from '../snapshots.ts';
import type { Suite } from '../suite.ts';

const FRAMES_PER_SECOND = 10;
const FRAMES_PER_MINUTE = 600;

/** A second of frames on its way to the disk, and a minute on its way to segments. */
export function journalSuites({ machine, data }: Collected): Suite[] {
  const directory = mkdtempSync(join(tmpdir(), 'hzstat-bench-journal-'));
  const minute = snapshotsOf(data, FRAMES_PER_MINUTE).map(encodeSnapshot);
  const second = minute.slice(0, FRAMES_PER_SECOND);
  const buffer = new FrameBuffer();
  const journal = new JournalWriter(join(directory, 'second.hzj'));
  const whole = new JournalWriter(join(directory, 'minute.hzj'));
  whole.append(minute);
  whole.close();
  const plain = openSync(join(directory, 'plain'), 'w');
  const bytes = Buffer.concat(second);
  const sealer = new Sealer();
  let sealed = 0;
  return [
    {
      source: `history/journal, ${machine}`,
      rows: [
        {
          name: 'writing the bytes of a second, with fdatasync',
          control: true,
          run: () => {
            writeSync(plain, bytes);
            fdatasyncSync(plain);
          },
        },
        { name: 'appending the frames of a second', run: () => journal.append(second) },
        {
          name: 'collecting them on the main thread',
          run: () => {
            for (const frame of second) buffer.add(frame);
            return buffer.take();
          },
        },
      ],
      dispose() {
        journal.close();
        closeSync(plain);
      },
    },
    {
      source: `history/sealer, ${machine}`,
      rows: [
        {
          name: 'reading the bytes of a minute',
          control: true,
          run: () => readFileSync(join(directory, 'minute.hzj')),
        },
        { name: 'reading the journal of a minute', run: () => readJournal(join(directory, 'minute.hzj')) },
        {
          name: 'sealing a minute',
          async: true,
          run: () => sealer.seal(directory, `m-${sealed++}`, minute),
        },
      ],
      dispose() {
        sealer.close();
        rmSync(directory, { recursive: true, force: true });
      },
    },
  ];
}

import { expect, test } from 'vitest';
import { snapshotsIn } from '../../../../src/history/journal/journal_snapshots.ts';
import { Merger } from '../../../../src/history/merging/merger.ts';
import { Sealer } from '../../../../src/history/sealing/sealer.ts';
import type { Segment } from '../../../../src/history/segments/manifest.ts';
import {
  framesOf,
  HOUR_MS,
  packedAt,
  START_MS,
  settingsFor,
  temporaryDataDir,
} from '../../../support/history.ts';

test('an hour is merged once all of it is sealed, and another time when that fails', async () => {
  const { dataDir, remove } = temporaryDataDir();
  const sealer = new Sealer();
  const snapshots = snapshotsIn(framesOf([packedAt(0, START_MS), packedAt(1, START_MS + 1)]));
  const minutes = await sealer.seal(dataDir, `m-${START_MS}-test`, snapshots);
  sealer.close();
  let isFull = true;
  // A journal of the same hour that has yet to be sealed.
  let waiting = [`${START_MS + 1_000}-test-1.hzj`];
  const failures: string[] = [];
  let rounds = 0;
  const outputs: Segment[] = [];
  const merger = new Merger(settingsFor(dataDir), 'test', {
    segments: () => minutes,
    toCut: () => ({ files: new Set(), windows: [] }),
    unsealed: () => waiting,
    current: () => undefined,
    outbox: () => [],
    handedOver: async () => {},
    merged: async (_, merged) => {
      if (isFull) throw new Error('ENOSPC: no space left on device');
      outputs.push(...merged);
    },
    damaged: async () => {},
    wentWell: () => {
      rounds++;
    },
    failed: (message) => failures.push(message),
  });
  merger.begin(START_MS + HOUR_MS);
  await merger.stopped();
  expect([failures, outputs]).toEqual([[], []]);
  waiting = [`${START_MS + HOUR_MS}-test-2.hzj`];
  merger.begin(START_MS + HOUR_MS);
  await merger.stopped();
  expect(failures).toEqual(['ENOSPC: no space left on device']);
  // The hour that waited in the first round was nothing to do yet.
  expect(rounds).toBe(1);
  isFull = false;
  merger.begin(START_MS + HOUR_MS);
  await merger.stopped();
  expect(failures).toHaveLength(1);
  expect(rounds).toBe(2);
  expect(outputs.filter(({ table }) => table === 'sampling')).toMatchObject([{ level: 'hour', rows: 2 }]);
  remove();
});

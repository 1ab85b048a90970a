import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { KnownIncidents } from '../../../../src/history/segments/known_incidents.ts';
import { DAY_MS, temporaryDataDir } from '../../../support/history.ts';

const BEGAN_MS = Date.UTC(2026, 0, 5, 23, 59);
const KEPT_MS = 90 * DAY_MS;
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function incidentFile(day: string, ...lines: object[]): { dataDir: string; path: string } {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  mkdirSync(join(dataDir, 'incidents'));
  const path = join(dataDir, 'incidents', `${day}.ndjson`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return { dataDir, path };
}

const incident = (id: string, beganMs: number, endedMs: number | null): object => ({
  id,
  began: new Date(beganMs).toISOString(),
  ended: endedMs === null ? null : new Date(endedMs).toISOString(),
});

test('windows are read from all files, joined, again when a file has grown, and forgotten when they are old', async () => {
  const { dataDir, path } = incidentFile('2026-01-05', incident('a', BEGAN_MS, BEGAN_MS + 1_000));
  const next = join(dataDir, 'incidents', '2026-01-06.ndjson');
  writeFileSync(
    next,
    `${JSON.stringify(incident('b', BEGAN_MS + 15_000, BEGAN_MS + 16_000))}\n{"id":"c","be`,
  );
  writeFileSync(join(dataDir, 'incidents', 'notes.txt'), 'none of ours');
  const files = new KnownIncidents(dataDir, BEGAN_MS, () => {});
  const soon = BEGAN_MS + DAY_MS;
  expect(await files.windows(KEPT_MS, soon)).toEqual([
    { fromMs: BEGAN_MS - 10_000, toMs: BEGAN_MS + 26_000 },
  ]);
  appendFileSync(path, `${JSON.stringify(incident('a', BEGAN_MS, BEGAN_MS + 2_000_000))}\n`);
  expect(await files.windows(KEPT_MS, soon)).toEqual([
    { fromMs: BEGAN_MS - 10_000, toMs: BEGAN_MS + 2_010_000 },
  ]);
  expect(await files.windows(KEPT_MS, BEGAN_MS + KEPT_MS + DAY_MS)).toEqual([]);
});

test('a file goes when all of its day is older than incidents are kept', async () => {
  const { dataDir, path } = incidentFile('2026-01-05', incident('a', BEGAN_MS, BEGAN_MS + 1_000));
  const files = new KnownIncidents(dataDir, BEGAN_MS, () => {});
  writeFileSync(join(dataDir, 'incidents', 'notes.txt'), 'none of ours');
  const dayEndMs = Date.UTC(2026, 0, 6);
  await files.removeOld(KEPT_MS, dayEndMs + KEPT_MS);
  expect(existsSync(path)).toBe(true);
  await files.removeOld(KEPT_MS, dayEndMs + KEPT_MS + 1);
  expect(readdirSync(join(dataDir, 'incidents'))).toEqual(['notes.txt']);
});

test('a file stays for an incident of its day that lasted for days, or still lasts', async () => {
  for (const endedMs of [BEGAN_MS + 9 * DAY_MS, null]) {
    const { dataDir, path } = incidentFile('2026-01-05', incident('a', BEGAN_MS, endedMs));
    const files = new KnownIncidents(dataDir, BEGAN_MS, () => {});
    await files.removeOld(KEPT_MS, BEGAN_MS + 5 * DAY_MS + KEPT_MS);
    expect(existsSync(path)).toBe(true);
  }
});

test('no directory is no incident, and what cannot be read is said once', async () => {
  const { dataDir, remove } = temporaryDataDir();
  cleanups.push(remove);
  const said: string[] = [];
  const files = new KnownIncidents(dataDir, 0, (message) => said.push(message));
  expect(await files.windows(KEPT_MS, BEGAN_MS)).toEqual([]);
  expect(said).toEqual([]);
  mkdirSync(join(dataDir, 'incidents', '2026-01-05.ndjson'), { recursive: true });
  for (let time = 0; time < 2; time++) expect(await files.windows(KEPT_MS, BEGAN_MS)).toEqual([]);
  expect(said).toEqual([expect.stringContaining('2026-01-05.ndjson cannot be read')]);
});

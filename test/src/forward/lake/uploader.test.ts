import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DirectoryTarget } from '../../../../src/forward/lake/directory_target.ts';
import { Pacer } from '../../../../src/forward/lake/pacer.ts';
import type { Target } from '../../../../src/forward/lake/target.ts';
import { upload } from '../../../../src/forward/lake/uploader.ts';
import type { OutboxFile } from '../../../../src/history/segments/manifest.ts';

const HOUR_MS = 3_600_000;
const FROM_MS = Date.UTC(2026, 10, 26, 10);
const PLACE = 'table=cpu/date=2026-11-26/host=a';

let folder: string;
let lake: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hzstat-upload-'));
  lake = join(folder, 'lake');
  mkdirSync(join(folder, 'outbox/cpu'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file that waits, with this content. */
function waiting(name: string, content: string, hour = 0): OutboxFile {
  const file = `outbox/cpu/${name}.parquet`;
  writeFileSync(join(folder, file), content);
  const fromMs = FROM_MS + hour * HOUR_MS;
  return { table: 'cpu', file, fromMs, toMs: fromMs + HOUR_MS, rows: 1, bytes: content.length };
}

async function run(
  files: readonly OutboxFile[],
  target: Target = directory(),
): Promise<[number, string[]][]> {
  const told: [number, string[]][] = [];
  await upload({ host: 'a', dataDir: folder, files }, target, ({ count, files: done }) =>
    told.push([count, [...done]]),
  );
  return told;
}

const directory = (): Target => new DirectoryTarget(lake, new Pacer(100e6));

function manifest(): { files: { file: string; rows: number }[] } {
  return JSON.parse(readFileSync(join(lake, '_manifest/date=2026-11-26/host=a.json'), 'utf8'));
}

describe('what waits', () => {
  test('is put there a period after the other, and listed', async () => {
    const first = waiting('20261126T1000Z-1h', 'one');
    const second = waiting('20261126T1100Z-1h', 'two', 1);
    expect(await run([first, second])).toEqual([
      [1, [first.file]],
      [1, [second.file]],
    ]);
    expect(readFileSync(join(lake, PLACE, '20261126T1000Z-1h.parquet'), 'utf8')).toBe('one');
    expect(manifest()).toMatchObject({
      version: 1,
      host: 'a',
      date: '2026-11-26',
      files: [
        {
          table: 'cpu',
          file: `${PLACE}/20261126T1000Z-1h.parquet`,
          from: '2026-11-26T10:00:00.000Z',
          to: '2026-11-26T11:00:00.000Z',
          rows: 1,
          bytes: 3,
        },
        { file: `${PLACE}/20261126T1100Z-1h.parquet` },
      ],
    });
  });

  test('is put there once, also when it is not known that it is there', async () => {
    const file = waiting('20261126T1000Z-1h', 'one');
    await run([file]);
    const before = readFileSync(join(lake, '_manifest/date=2026-11-26/host=a.json'), 'utf8');
    expect(await run([file])).toEqual([[1, [file.file]]]);
    expect(readdirSync(join(lake, PLACE))).toEqual(['20261126T1000Z-1h.parquet']);
    expect(readFileSync(join(lake, '_manifest/date=2026-11-26/host=a.json'), 'utf8')).toBe(before);
  });

  test('replaces nothing: what came late is beside the rest', async () => {
    await run([waiting('20261126T1000Z-1h', 'one')]);
    await run([waiting('20261126T1000Z-1h', 'late')]);
    expect(readFileSync(join(lake, PLACE, '20261126T1000Z-1h.parquet'), 'utf8')).toBe('one');
    expect(readFileSync(join(lake, PLACE, '20261126T1000Z-1h.2.parquet'), 'utf8')).toBe('late');
    expect(manifest().files).toHaveLength(2);
  });

  test('is skipped where it was removed here meanwhile', async () => {
    const file = waiting('20261126T1000Z-1h', 'one');
    rmSync(join(folder, file.file));
    expect(await run([file])).toEqual([[0, [file.file]]]);
    expect(readdirSync(folder)).not.toContain('lake');
  });

  test('counts as uploaded when it is listed, and not before', async () => {
    const file = waiting('20261126T1000Z-1h', 'one');
    const real = directory();
    const full: Target = {
      put: (path, put) => real.put(path, put),
      read: (path) => real.read(path),
      write: async () => {
        throw new Error('ENOSPC');
      },
    };
    await expect(run([file], full)).rejects.toThrow('ENOSPC');
    expect(await run([file])).toEqual([[1, [file.file]]]);
    expect(manifest().files).toHaveLength(1);
  });

  test('leaves a manifest alone that this version does not know', async () => {
    const place = join(lake, '_manifest/date=2026-11-26');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'host=a.json'), '{"version":2,"files":[]}');
    await expect(run([waiting('20261126T1000Z-1h', 'one')])).rejects.toThrow('of another version');
    writeFileSync(join(place, 'host=a.json'), '{"ver');
    await expect(run([waiting('20261126T1000Z-1h', 'one')])).rejects.toThrow('no JSON');
  });
});

test('bytes pass at the rate they may', async () => {
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(300_000));
  const startedMs = performance.now();
  let bytes = 0;
  let told = 0;
  for await (const piece of new Pacer(200_000, () => told++).read(path)) bytes += piece.length;
  expect(bytes).toBe(300_000);
  expect(told).toBeGreaterThan(3);
  // What one second may take passes at once at most.
  expect(performance.now() - startedMs).toBeGreaterThan(400);
});

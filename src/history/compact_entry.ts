import { statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { errorMessage } from '../shared/errors.ts';
import { Engine } from './engine.ts';
import { makeDirectory, publishFile, TEMPORARY_SUFFIX } from './files.ts';
import type { Segment } from './manifest.ts';
import type { CompactionAnswer, CompactionTask } from './messages.ts';
import { ROLLUPS, rollupName, rollupQuery } from './rollup.ts';
import { keys, literal, quoted, TABLES, type Table } from './schema.ts';
import { PARQUET } from './sealer.ts';
import { damagedSegments, mayBeDamage } from './segment_check.ts';

// A process of its own, at the lowest priority: it needs memory and seconds of CPU, once an hour.

const MEMORY_LIMIT = '512MB';

async function compact({ dataDir, stem, inputs }: CompactionTask): Promise<Segment[]> {
  const engine = await Engine.open(MEMORY_LIMIT);
  const outputs: Segment[] = [];
  for (const table of TABLES) {
    const raw = inputs.filter((segment) => segment.table === table.name);
    if (raw.length === 0) continue;
    const files = raw.map(({ file }) => literal(join(dataDir, file))).join(', ');
    const from = `read_parquet([${files}], union_by_name = true)`;
    const write = (name: string, query: string): Promise<void> =>
      writeSegment(engine, dataDir, stem, name, `${query} ORDER BY ${order(table)}`, raw, outputs);
    await write(table.name, `SELECT * FROM ${from}`);
    for (const rollup of ROLLUPS) await write(rollupName(table, rollup), rollupQuery(table, rollup, from));
  }
  engine.close();
  return outputs;
}

/** Ties within a timestamp must not be shuffled: in order they compress better. */
function order(table: Table): string {
  return ['timestamp', ...keys(table)].map(quoted).join(', ');
}

async function writeSegment(
  engine: Engine,
  dataDir: string,
  stem: string,
  table: string,
  query: string,
  inputs: readonly Segment[],
  outputs: Segment[],
): Promise<void> {
  const file = join('segments', table, `${stem}.parquet`);
  const path = join(dataDir, file);
  makeDirectory(dirname(path));
  const temporary = `${path}${TEMPORARY_SUFFIX}`;
  await engine.run(`COPY (${query}) TO ${literal(temporary)} (${PARQUET})`);
  const rows = Number(
    await engine.value(`SELECT count(*)::INTEGER FROM read_parquet(${literal(temporary)})`),
  );
  publishFile(temporary, path);
  outputs.push({
    table,
    file,
    level: 'hour',
    fromMs: Math.min(...inputs.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...inputs.map(({ toMs }) => toMs)),
    rows,
    bytes: statSync(path).size,
  });
}

// Whoever asked has gone, and nobody would publish what is made here.
process.on('disconnect', () => process.exit());
setPriority(constants.priority.PRIORITY_LOW);
process.once('message', (task: CompactionTask) => {
  const answer = (value: CompactionAnswer): void => {
    process.send?.(value, () => process.exit());
  };
  compact(task).then(
    (segments) => answer({ ok: true, segments }),
    async (error: unknown) => {
      const damaged = mayBeDamage(error) ? await damagedSegments(task.dataDir, task.inputs) : [];
      answer({ ok: false, message: errorMessage(error), ...(damaged.length > 0 && { damaged }) });
    },
  );
});

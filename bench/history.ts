import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endWhenInterrupted } from '../src/service/shutdown.ts';
import { historyFigures, historyTables } from './history/report.ts';
import { FULL, measureHistory, SHORT } from './history/run.ts';
import { hostFacts } from './measure/host.ts';
import { MeasuredProcess } from './processes/measured_process.ts';
import { reportOutcome } from './report/outcome.ts';

// npm run bench:history: what recording and asking cost, on this host and with its own data.

const USAGE =
  'flags: [--short] [--json] [--dir DIRECTORY to keep recordings and the day in for the next run]\n';

function flags(): { short: boolean; json: boolean; dir?: string } {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        dir: { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

const { short, json, dir } = flags();
const directory = dir ?? mkdtempSync(join(tmpdir(), 'hzstat-bench-history-'));
const tidy = (): void => {
  MeasuredProcess.killAll();
  if (dir === undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
};
process.on('exit', tidy);
endWhenInterrupted(tidy);
mkdirSync(directory, { recursive: true });
try {
  const host = hostFacts();
  const result = await measureHistory(directory, short ? SHORT : FULL);
  const figures = historyFigures(result);
  const outcome = { bench: 'history', short, host, figures, result, tables: historyTables(result) } as const;
  process.exitCode = reportOutcome(outcome, json) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}

import { parseArgs } from 'node:util';
import { describeHost, hostFacts } from './measure/host.ts';
import { progress } from './report/progress.ts';
import { journalSuites } from './suites/history/journal.ts';
import { collectOn, type Machine } from './suites/machines.ts';
import { recordsSuite } from './suites/records/records.ts';
import { suiteTable } from './suites/report.ts';
import { runSuite, type SuiteResult } from './suites/run.ts';
import { mergeSuite } from './suites/sampling/merge.ts';
import { topicSuite } from './suites/server/topic.ts';
import { watchSuite } from './suites/watching/watches.ts';
import { codecSuite } from './suites/wire/codec.ts';
import { collectorSuite } from './suites/workers/collectors.ts';
import { parseSuites } from './suites/workers/parse.ts';

// npm run bench: what each step from the kernel's file to the client and the disk takes, piece by piece.

const MACHINES: readonly Machine[] = ['small-vm', 'server-128'];
const USAGE = 'flags: [--json] [--only PART of a suite’s name]\n';

function flags(): { json: boolean; only?: string } {
  try {
    return parseArgs({
      options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

const { json, only = '' } = flags();
const host = hostFacts();
const suites = [...parseSuites(), await collectorSuite()];
for (const machine of MACHINES) {
  const collected = await collectOn(machine);
  suites.push(recordsSuite(collected), mergeSuite(collected), codecSuite(collected), watchSuite(collected));
  suites.push(topicSuite(collected), ...journalSuites(collected));
}
const results: SuiteResult[] = [];
for (const suite of suites) {
  if (!suite.source.includes(only)) {
    suite.dispose?.();
    continue;
  }
  progress(suite.source);
  results.push(await runSuite(suite));
}
if (json) process.stdout.write(`${JSON.stringify({ host, suites: results }, undefined, 2)}\n`);
else process.stdout.write(`${describeHost(host)}\n\n${results.map(suiteTable).join('\n')}`);

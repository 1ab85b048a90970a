import { writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { OWN_NAME_FILE, threadName } from '../src/base/thread_name.ts';
import type { EvidenceTask, ToEvidence } from '../src/incidents/messages.ts';
import { EvidenceLoop } from './evidence/evidence_loop.ts';

// The thread that keeps incidents and finds out who did it. It may take its time; nobody waits for it.

try {
  writeFileSync(OWN_NAME_FILE, threadName('evidence'));
} catch {
  // A name is a convenience; it does without.
}

const task: EvidenceTask = workerData;
const loop = new EvidenceLoop(task);
task.port.on('message', (message: ToEvidence) => loop.hear(message));
loop.start();

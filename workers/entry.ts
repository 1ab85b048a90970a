import { writeFileSync } from 'node:fs';
import { OWN_NAME_FILE, threadName } from '../src/base/thread_name.ts';
import { Arrivals } from '../src/handover/arrivals.ts';
import type { CollectorTask } from '../src/handover/messages.ts';
import { createCollector } from './registry.ts';
import { ResultOutlet } from './result_outlet.ts';
import { TickLoop } from './tick_loop.ts';
import { PortWait } from './tick_wait.ts';

/** The one long task of a collector's thread: from the first tick until main says stop. */
export default async function runCollector(task: CollectorTask): Promise<void> {
  const { port, schedule } = task;
  nameThread(task.name);
  const collector = await createCollector(task);
  collector.enabled = task.enabled;
  const wait = new PortWait(task.control, port);
  try {
    const outlet = new ResultOutlet(port, new Arrivals(task.arrivals));
    await new TickLoop(collector, wait, outlet, schedule).run();
  } finally {
    collector.close();
    port.close();
  }
}

function nameThread(collector: string): void {
  try {
    writeFileSync(OWN_NAME_FILE, threadName(collector));
  } catch {
    // A name is a convenience; a collector does without.
  }
}

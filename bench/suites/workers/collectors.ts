import { COLLECTOR_NAMES } from '../../../src/model/collectors.ts';
import { KernelFile } from '../../../workers/files/kernel_file.ts';
import { COLLECTORS } from '../../../workers/registry.ts';
import type { Row, Suite } from '../suite.ts';

/** Runs beside its thread rather than in it. */
const HAS_A_PROCESS = 'perf_events';
const MOST_READ = '/proc/stat';

/** Each collector on this host, reading and computing; the control reads one file and does nothing with it. */
export async function collectorSuite(): Promise<Suite> {
  const names = COLLECTOR_NAMES.filter((name) => name !== HAS_A_PROCESS);
  const collectors = await Promise.all(
    names.map((name) => COLLECTORS[name]({ rootfs: '', perfCpus: 'all' })),
  );
  const file = new KernelFile(MOST_READ, { inOnePiece: true });
  const rows = collectors.flatMap((collector): Row[] => {
    // Of a host without the source (no PSI built in) there is nothing to measure.
    if (collector.safeCollect().state === 'failed') return [];
    return [{ name: collector.name, run: () => collector.safeCollect() }];
  });
  return {
    source: 'workers/collectors on this host',
    rows: [{ name: `reading ${MOST_READ}`, control: true, run: () => file.read() }, ...rows],
    dispose() {
      file.close();
      for (const collector of collectors) collector.close();
    },
  };
}

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Piscina } from 'piscina';
import type { HostFinding } from '../base/host_finding.ts';
import type { CollectorOptions } from '../handover/messages.ts';

const ENTRY = pathToFileURL(createRequire(import.meta.url).resolve('#host-check-entry')).href;

/** What this host offers and withholds, found out in a thread of its own. */
export async function checkHost(options: CollectorOptions): Promise<HostFinding[]> {
  const pool = new Piscina<CollectorOptions, HostFinding[]>({
    filename: ENTRY,
    minThreads: 0,
    maxThreads: 1,
  });
  try {
    return await pool.run(options);
  } finally {
    await pool.destroy();
  }
}

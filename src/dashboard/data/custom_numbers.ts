import type { Snapshot } from '../../client/index.ts';
import { isCollectorName } from '../../model/collectors.ts';

/** The numbers of collectors that are not built in, with the path to each: `mail.queues.length`. */
export function customNumbers(snapshot: Snapshot): [path: string, value: number][] {
  const found: [string, number][] = [];
  const data: Readonly<Record<string, unknown>> = { ...snapshot };
  for (const name of Object.keys(snapshot.sampling.collectors)) {
    if (!isCollectorName(name)) collect(data[name], name, found);
  }
  return found;
}

function collect(value: unknown, path: string, found: [string, number][]): void {
  if (typeof value === 'number') found.push([path, value]);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) collect(item, `${path}.${key}`, found);
}

import type { IncidentProcess } from '../../src/model/incidents/incident.ts';
import type { Dimension } from './process_account.ts';

/** Programs that are named; the rest is in the evidence. */
const MOST_NAMED = 3;
/** Next to the one that did most, who did less than this part of it is not worth a name. */
const LEAST_PART = 0.1;
const BYTES_PER_MB = 1e6;

/** Processes of one program in one group. */
interface Party {
  readonly command: string;
  readonly cgroup: string | null;
  readonly count: number;
  readonly done: number;
  readonly ended: boolean;
}

/** Who did it, in a few words: `stress (3 processes, 187 % of a core, in /user.slice)`; null where nobody did anything. */
export function whoDidIt(processes: readonly IncidentProcess[], dimension: Dimension): string | null {
  const parties = new Map<string, Party>();
  for (const process of processes) {
    const { command, cgroup } = process;
    const key = `${command} ${cgroup}`;
    const before = parties.get(key);
    parties.set(key, {
      command,
      cgroup,
      count: (before?.count ?? 0) + 1,
      done: (before?.done ?? 0) + done(process, dimension),
      ended: (before?.ended ?? true) && process.state === 'ended',
    });
  }
  const ordered = [...parties.values()].filter((party) => party.done > 0).sort((a, b) => b.done - a.done);
  const [most] = ordered;
  if (most === undefined) return dimension === 'cpu' ? null : whoDidIt(processes, 'cpu');
  return ordered
    .filter((party) => party.done >= most.done * LEAST_PART)
    .slice(0, MOST_NAMED)
    .map((party) => inWords(party, dimension))
    .join(', ');
}

function done(
  { cpu_percent, major_faults, read_bytes, write_bytes }: IncidentProcess,
  dimension: Dimension,
): number {
  switch (dimension) {
    case 'cpu':
      return cpu_percent;
    case 'faults':
      return major_faults;
    case 'io':
      return (read_bytes ?? 0) + (write_bytes ?? 0);
  }
}

function inWords({ command, cgroup, count, done, ended }: Party, dimension: Dimension): string {
  const facts = [
    ...(count > 1 ? [`${count} processes`] : []),
    amount(done, dimension),
    ...(cgroup === null ? [] : [`in ${cgroup}`]),
    ...(ended ? ['ended'] : []),
  ];
  return `${command} (${facts.join(', ')})`;
}

function amount(done: number, dimension: Dimension): string {
  switch (dimension) {
    case 'cpu':
      return `${Math.round(done)} % of a core`;
    case 'faults':
      return `${done} major faults`;
    case 'io':
      return `${(done / BYTES_PER_MB).toFixed(1)} MB read and written`;
  }
}

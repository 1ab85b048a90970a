/** The events asked for, under the names they are reported by. */
export const PERF_EVENTS = [
  'cpu-clock',
  'context-switches',
  'cpu-migrations',
  'page-faults',
  'cycles',
  'instructions',
  'branches',
  'branch-misses',
  'L1-dcache-loads',
  'L1-dcache-load-misses',
  'LLC-loads',
  'LLC-load-misses',
  'L1-icache-loads',
  'dTLB-loads',
  'dTLB-load-misses',
  'iTLB-loads',
  'iTLB-load-misses',
] as const;

const REQUESTED: ReadonlySet<string> = new Set(PERF_EVENTS);

/** What was made of names before: perf prints the same ones in every interval. */
const SEEN = new Map<string, EventName>();
const MOST_SEEN = 256;

export interface EventName {
  /** As in {@link PERF_EVENTS}. */
  readonly name: string;
  /** perf was allowed to count user space only. */
  readonly userOnly: boolean;
}

/**
 * What perf may make of a name it was given, undone: `cycles:u` where the kernel may not be watched,
 * `cpu_core/cycles/` and `cpu_atom/cycles/` where there are two kinds of cores, `cpu_core/cycles/u` for both.
 * Undefined for an event nobody asked for.
 */
export function eventName(printed: string): EventName | undefined {
  const known = SEEN.get(printed);
  if (known !== undefined) return known;
  const name = nameOf(printed);
  if (name !== undefined && SEEN.size < MOST_SEEN) SEEN.set(printed, name);
  return name;
}

function nameOf(printed: string): EventName | undefined {
  const [, ofPmu, pmuModifiers = '', plain, modifiers = ''] =
    /^(?:[\w.-]+\/([^/]+)\/(\w*)|([^:/]+)(?::(\w+))?)$/.exec(printed) ?? [];
  const name = ofPmu ?? plain;
  if (name === undefined || !REQUESTED.has(name)) return undefined;
  const modifier = pmuModifiers || modifiers;
  return { name, userOnly: modifier.includes('u') && !modifier.includes('k') };
}

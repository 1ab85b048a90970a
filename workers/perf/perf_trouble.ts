import { readText } from '../files/slow_file.ts';
import { PERF_EVENTS } from './event_list.ts';

/** What only the processor can count; the kernel counts the rest itself. */
const HARDWARE_EVENTS = PERF_EVENTS.slice(PERF_EVENTS.indexOf('cycles'));
const REMEDY_PERMISSION =
  'run as root, or "sysctl kernel.perf_event_paranoid=0", or give perf the capability: "setcap cap_perfmon=ep $(command -v perf)"';

/**
 * Why perf gave nothing, in words a person can act on.
 *
 * @param stderr what perf wrote there
 * @param ending how it ended: `exit code 255`, `killed by SIGKILL`, `ENOENT`
 */
export function explainTrouble(stderr: string, ending: string, rootfs: string): string {
  if (/ENOENT|: not found/.test(`${ending}\n${stderr}`) && !/for kernel/.test(stderr)) {
    return 'perf is not installed: "apt install linux-perf" (Debian) or "apt install linux-tools-generic" (Ubuntu)';
  }
  const kernel = /perf not found for kernel (\S+)/.exec(stderr)?.[1];
  if (kernel !== undefined)
    return `perf is not installed for kernel ${kernel}: install linux-tools-${kernel}`;
  if (/EACCES|Permission denied/.test(`${ending}\n${stderr}`)) return 'perf may not be executed by this user';
  if (/[Aa]ccess to performance monitoring|[Nn]o permission|may not have permission/.test(stderr)) {
    const paranoid = readText(`${rootfs}/proc/sys/kernel/perf_event_paranoid`);
    const level = paranoid === undefined ? '' : ` (kernel.perf_event_paranoid is ${paranoid})`;
    return `not allowed to count events on whole CPUs${level}: ${REMEDY_PERMISSION}`;
  }
  if (/failed to parse CPUs map|Invalid cpu/.test(stderr)) {
    return 'perf does not understand the list of CPUs: check --perf-cpus';
  }
  if (/Function not implemented/.test(stderr)) {
    return 'this kernel has no perf events (CONFIG_PERF_EVENTS, or a sandbox forbids perf_event_open)';
  }
  if (/file descriptors/.test(stderr)) {
    return 'perf ran out of file descriptors: raise the limit ("ulimit -n", LimitNOFILE=)';
  }
  if (/shared libraries/.test(stderr)) return `perf cannot start: ${lastLine(stderr)}`;
  const said = firstError(stderr);
  return said === '' ? `perf ended (${ending})` : `perf ended (${ending}): ${said}`;
}

/** What is missing when perf runs and hardware events do not count. */
export function explainUnsupported(unsupported: number, requested: number): string {
  return [
    `${unsupported} of ${requested} events are not supported by this host:`,
    'hardware counters are withheld, as in most virtual machines, or this CPU does not have them;',
    'in a virtual machine the hypervisor must pass the PMU through',
  ].join(' ');
}

/**
 * What is missing when events are supported, and no counter has taken them up since perf began.
 *
 * @param counted the events that were counted
 */
export function explainUncounted(
  names: readonly string[],
  counted: ReadonlySet<string>,
  requested: number,
  rootfs: string,
): string {
  const takesTurns = HARDWARE_EVENTS.some((name) => counted.has(name));
  const reasons = [
    takesTurns
      ? 'there are fewer counters than events, and their turn has not come'
      : 'something else holds the counters (another perf, a profiler, the hypervisor)',
  ];
  // It needs one of the counters for itself.
  if (readText(`${rootfs}/proc/sys/kernel/nmi_watchdog`) === '1') {
    reasons.push('the NMI watchdog holds one: "sysctl kernel.nmi_watchdog=0" frees it');
  }
  return `${names.length} of ${requested} events were on a counter in no interval so far (${names.join(', ')}): ${reasons.join('; ')}`;
}

function firstError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const at = lines.findIndex((line) => /^error/i.test(line));
  const said = at === -1 ? lines.find(Boolean) : /^error:?$/i.test(lines[at]!) ? lines[at + 1] : lines[at];
  return (said ?? '').slice(0, 200);
}

function lastLine(stderr: string): string {
  return stderr.trim().split('\n').at(-1) ?? '';
}

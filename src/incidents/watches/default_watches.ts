import type { Condition, Watch } from '../../model/incidents/watch.ts';
import { parseWatch, resolveWatch } from './watch_syntax.ts';

/** A default as it is written, and why it is one. */
interface Default {
  readonly text: string;
  readonly reason: string;
  readonly unless?: Condition;
}

/** Ticks of this much time missed at once: somebody stopped the sampler, or the host starved it. */
const STARVED_MS = 1_000;

const ALL_CORES_BUSY: Condition = {
  path: ['usage_percent'],
  compared: 'value',
  comparison: '>=',
  threshold: 95,
};

/** What holds on any machine: conditions that a machine in good order does not meet. */
const DEFAULTS: readonly Default[] = [
  {
    text: 'cpu_saturated: cpu.usage_percent >= 95 for 200ms',
    reason: 'all cores are busy: whatever else wants to run waits',
  },
  {
    text: 'core_saturated: cpu.per_core.* >= 95 for 5s',
    reason: 'one core is busy while others idle: work that does not spread',
    unless: ALL_CORES_BUSY,
  },
  {
    text: 'memory_stall: pressure.memory.some_percent > 20 for 500ms',
    reason: 'tasks wait for memory to be reclaimed or read back',
  },
  {
    text: 'io_stall: pressure.io.full_percent > 50 for 2s',
    reason: 'all that has something to do waits for a disk',
  },
  {
    text: 'read_latency: disk.devices.*.read_latency_ms > 250 for 1s',
    reason: 'reads take long: a disk that is overloaded, or about to fail',
  },
  {
    text: 'write_latency: disk.devices.*.write_latency_ms > 500 for 1s',
    reason: 'writes take long, beyond what a flush of the cache explains',
  },
  {
    text: 'swap_in: memory_bandwidth.pswpin_per_sec > 1000 for 1s',
    reason: 'memory in use had been swapped out: everything that needs it waits for the disk',
  },
  {
    text: 'major_faults: memory_bandwidth.pgmajfault_per_sec > 1000 for 2s',
    reason: 'pages are read back as fast as they are given up (thrashing); the start of a program is shorter',
  },
  {
    text: 'receive_errors: network.interfaces.*.errin > 0',
    reason: 'frames arrive damaged: cable, port or driver',
  },
  { text: 'send_errors: network.interfaces.*.errout > 0', reason: 'frames could not be sent' },
  {
    text: 'receive_drops: network.interfaces.*.dropin > 9',
    reason: 'frames were dropped on arrival, more than the few of unknown protocols that most networks have',
  },
  {
    text: 'send_drops: network.interfaces.*.dropout > 9',
    reason: 'frames were dropped before they were sent',
  },
  {
    text: 'throttled: cgroups.groups.*.throttled_percent > 25 for 500ms',
    reason: 'a group had used up its quota and stood still',
  },
  {
    text: 'oom_kill: memory_bandwidth.oom_kills > 0',
    reason: 'the kernel ended a process because memory, or the limit of its group, was used up',
  },
];

/** The watches that run without having been asked for, at this interval. */
export function defaultWatches(intervalMs: number): readonly Watch[] {
  const starved = {
    text: `sampler_starved: sampling.missed_ticks >= ${Math.max(2, Math.ceil(STARVED_MS / intervalMs))}`,
    reason: 'the sampler itself was stopped or got no core: what happened meanwhile is not known',
  };
  return [...[...DEFAULTS, starved].map(declared), CLOCK_STEPPED];
}

function declared({ text, ...why }: Default): Watch {
  return { ...resolveWatch(parseWatch(text)), ...why };
}

/** Told in the snapshot of the step only. */
const CLOCK_STEPPED: Watch = {
  name: 'clock_stepped',
  collector: 'sampling',
  field: 'sampling.clock_step_ms',
  path: ['clock_step_ms'],
  compared: 'magnitude',
  comparison: '>',
  threshold: 100,
  unit: 'ms',
  forMs: 0,
  tellsOfInterval: false,
  reason: 'somebody set the clock: times before and after do not compare',
};

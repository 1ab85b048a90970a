import type { CollectorModel } from './collector.ts';
import { cpu } from './cpu.ts';
import { disk } from './disk.ts';
import { interrupts } from './interrupts.ts';
import { memory } from './memory.ts';
import { memory_bandwidth } from './memory_bandwidth.ts';
import { network } from './network.ts';
import { perf_events } from './perf_events.ts';
import { pressure } from './pressure.ts';
import { sampling } from './sampling.ts';

/** What each built-in collector delivers, in the order it stands in a snapshot. */
export const MODELS = {
  cpu,
  memory,
  network,
  disk,
  perf_events,
  memory_bandwidth,
  pressure,
  interrupts,
} as const satisfies Readonly<Record<string, CollectorModel>>;

/** The same, and the sampler's account of itself. */
export const ALL_MODELS: readonly CollectorModel[] = [...Object.values(MODELS), sampling];

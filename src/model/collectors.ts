import { cgroups } from './cgroups.ts';
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
  cgroups,
} as const satisfies Readonly<Record<string, CollectorModel>>;

export type CollectorName = keyof typeof MODELS;

/** The built-in collectors, in the order they appear in a snapshot. The file of each bears its name. */
export const COLLECTOR_NAMES = Object.keys(MODELS) as readonly CollectorName[];

const isOnRequest = (name: CollectorName): boolean => (MODELS[name] as CollectorModel).onRequest === true;

/** Those that run unless told otherwise. */
export const DEFAULT_COLLECTORS = COLLECTOR_NAMES.filter((name) => !isOnRequest(name));

/** Those that run when they are asked for: each is one more thread to wake. */
export const EXTRA_COLLECTORS = COLLECTOR_NAMES.filter(isOnRequest);

export function isCollectorName(name: string): name is CollectorName {
  return Object.hasOwn(MODELS, name);
}

/** The same, and the sampler's account of itself. */
export const ALL_MODELS: readonly CollectorModel[] = [...Object.values(MODELS), sampling];

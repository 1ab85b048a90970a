import type { CollectorName } from '../src/shared/collector_names.ts';
import type { CollectorOptions } from '../src/shared/messages.ts';
import type { CollectorData } from '../src/shared/snapshot.ts';
import type { BaseCollector } from './base_collector.ts';

type Factories = {
  readonly [Name in CollectorName]: (
    options: CollectorOptions,
  ) => Promise<BaseCollector<CollectorData[Name]>>;
};

/** Every collector, loaded only in the thread that runs it. A new one is a line here and in collector_names. */
export const COLLECTORS: Factories = {
  cpu: async (options) => new (await import('./collectors/cpu.ts')).CpuCollector(options),
  memory: async (options) => new (await import('./collectors/memory.ts')).MemoryCollector(options),
  network: async (options) => new (await import('./collectors/network.ts')).NetworkCollector(options),
  disk: async (options) => new (await import('./collectors/disk.ts')).DiskCollector(options),
  perf_events: async (options) =>
    new (await import('./collectors/perf_events.ts')).PerfEventsCollector(options),
  memory_bandwidth: async (options) =>
    new (await import('./collectors/memory_bandwidth.ts')).MemoryBandwidthCollector(options),
  pressure: async (options) => new (await import('./collectors/pressure.ts')).PressureCollector(options),
  interrupts: async (options) =>
    new (await import('./collectors/interrupts.ts')).InterruptsCollector(options),
};

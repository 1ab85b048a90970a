import { HzstatError } from '../src/base/errors.ts';
import type { AnyData, CollectorOptions, CollectorTask } from '../src/handover/messages.ts';
import { type CollectorName, isCollectorName } from '../src/model/collectors.ts';
import type { CollectorData } from '../src/model/snapshot.ts';
import type { BaseCollector } from './base/base_collector.ts';

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
  cgroups: async (options) => new (await import('./collectors/cgroups.ts')).CgroupsCollector(options),
};

/** The collector of a task: a built-in one by its name, or the user's by its module. @throws HzstatError COLLECTOR_UNKNOWN */
export async function createCollector(
  task: Pick<CollectorTask, 'name' | 'module' | 'options'>,
): Promise<BaseCollector<AnyData>> {
  const { name, module, options } = task;
  if (module !== undefined) {
    const { loadCollector } = await import('./custom/load_module.ts');
    const { CustomCollector } = await import('./custom/custom_collector.ts');
    return new CustomCollector(await loadCollector(module, options));
  }
  if (isCollectorName(name)) return COLLECTORS[name](options);
  throw new HzstatError('COLLECTOR_UNKNOWN', `there is no collector called "${name}"`);
}

import { CgroupsCollector } from '../../workers/collectors/cgroups.ts';
import { CpuCollector } from '../../workers/collectors/cpu.ts';
import { DiskCollector } from '../../workers/collectors/disk.ts';
import { InterruptsCollector } from '../../workers/collectors/interrupts.ts';
import { MemoryCollector } from '../../workers/collectors/memory.ts';
import { MemoryBandwidthCollector } from '../../workers/collectors/memory_bandwidth.ts';
import { NetworkCollector } from '../../workers/collectors/network.ts';
import { PressureCollector } from '../../workers/collectors/pressure.ts';
import { describeCollector } from './collector_contract.ts';

describeCollector({
  name: 'cpu',
  create: (options, now) => new CpuCollector(options, now),
  source: 'proc/stat',
  first: 'warming_up',
});

describeCollector({
  name: 'memory',
  create: (options) => new MemoryCollector(options),
  source: 'proc/meminfo',
  first: 'ok',
});

describeCollector({
  name: 'memory_bandwidth',
  create: (options, now) => new MemoryBandwidthCollector(options, now),
  source: 'proc/vmstat',
  first: 'warming_up',
});

describeCollector({
  name: 'network',
  create: (options, now) => new NetworkCollector(options, now),
  source: 'proc/net/dev',
  prepare: (copy) => copy.remove('proc/1/net'),
  first: 'ok',
});

describeCollector({
  name: 'disk',
  create: (options, now) => new DiskCollector(options, now),
  source: 'proc/diskstats',
  first: 'ok',
  // File systems are told of without it.
  without: 'devices',
});

describeCollector({
  name: 'pressure',
  create: (options, now) => new PressureCollector(options, now),
  source: 'proc/pressure/cpu',
  first: 'ok',
  // The other resources are told of without it.
  without: 'cpu',
  absentOn: ['old-kernel'],
});

describeCollector({
  name: 'interrupts',
  create: (options, now) => new InterruptsCollector(options, now),
  source: 'proc/stat',
  first: 'ok',
});

describeCollector({
  name: 'cgroups',
  create: (options, now) => new CgroupsCollector(options, now),
  source: 'proc/self/mountinfo',
  prepare: (copy) => copy.remove('proc/1/mountinfo'),
  first: 'ok',
  looksEveryMs: 5_000,
});

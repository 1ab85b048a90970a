import { monotonicNs } from '../src/base/clock.ts';
import type { HostFinding } from '../src/base/host_finding.ts';
import type { CollectorOptions } from '../src/handover/messages.ts';
import { COLLECTOR_NAMES, type CollectorName } from '../src/model/collectors.ts';
import { listNames, readText } from './files/slow_file.ts';
import { CpuFrequency } from './host/cpu_frequency.ts';
import { CpuTemperature } from './host/cpu_temperature.ts';
import { punctuality } from './host/punctuality.ts';
import { PERF_EVENTS } from './perf/event_list.ts';
import { probePerf } from './perf/perf_probe.ts';
import { PerfProcess } from './perf/perf_process.ts';
import { COLLECTORS } from './registry.ts';

/** perf has a check of its own, which tells more than whether it can be read. */
const READ_ONCE = COLLECTOR_NAMES.filter((name) => name !== 'perf_events');

/** Looks at everything a collector could want of this host. Runs in a thread of its own. */
export default async function checkHost(options: CollectorOptions): Promise<HostFinding[]> {
  const { rootfs } = options;
  return [
    kernel(rootfs),
    ...(await Promise.all(READ_ONCE.map((name) => collector(name, options)))),
    frequency(rootfs),
    temperature(rootfs),
    await cpuidle(options),
    ...punctuality('/proc/self', '/sys'),
    ...(await perf(options)),
  ];
}

function kernel(rootfs: string): HostFinding {
  const release = readText(`${rootfs}/proc/sys/kernel/osrelease`);
  if (release === undefined)
    return { subject: 'kernel', state: 'missing', detail: 'its version cannot be read' };
  return { subject: 'kernel', state: 'ok', detail: release };
}

/** Whether a collector can read what it reads. */
async function collector(name: CollectorName, options: CollectorOptions): Promise<HostFinding> {
  const reader = await COLLECTORS[name](options);
  try {
    const outcome = reader.safeCollect();
    if (outcome.state !== 'failed') return { subject: name, state: 'ok', detail: 'its source can be read' };
    const finding: HostFinding = { subject: name, state: 'missing', detail: outcome.message };
    if (options.rootfs === '') return finding;
    return { ...finding, remedy: 'mount the host’s /proc and point --rootfs at it' };
  } finally {
    reader.close();
  }
}

function frequency(rootfs: string): HostFinding {
  const subject = 'CPU frequency';
  const mhz = new CpuFrequency(rootfs).read(monotonicNs());
  if (mhz === null) {
    return {
      subject,
      state: 'missing',
      detail: 'neither cpufreq nor /proc/cpuinfo tells it; frequency_mhz is null',
    };
  }
  const scaled = listNames(`${rootfs}/sys/devices/system/cpu/cpufreq`).some((name) =>
    name.startsWith('policy'),
  );
  if (scaled) return { subject, state: 'ok', detail: `${Math.round(mhz)} MHz from cpufreq` };
  const detail = `${Math.round(mhz)} MHz from /proc/cpuinfo, which is often the nominal clock: there is no cpufreq here`;
  return { subject, state: 'limited', detail };
}

function temperature(rootfs: string): HostFinding {
  const subject = 'CPU temperature';
  const celsius = new CpuTemperature(rootfs).read(monotonicNs());
  if (celsius !== null) return { subject, state: 'ok', detail: `${celsius} °C` };
  return {
    subject,
    state: 'missing',
    detail: 'no sensor of a CPU; temperature_celsius is null',
    remedy: 'on real hardware load its driver (coretemp, k10temp); virtual machines have none',
  };
}

/** How finely the usage of single cores is known. */
async function cpuidle(options: CollectorOptions): Promise<HostFinding> {
  const subject = 'cpuidle';
  const cpu = await COLLECTORS.cpu(options);
  cpu.safeCollect();
  const { source } = cpu.sources?.per_core ?? {};
  cpu.close();
  if (source === 'cpuidle') return { subject, state: 'ok', detail: 'idle times of cores to the microsecond' };
  if (source === 'cpuacct' || source === 'schedstat')
    return { subject, state: 'ok', detail: `none, but ${source} tells how long each core was busy` };
  return {
    subject,
    state: 'missing',
    detail: 'idle times come from jiffies, in steps of 10 ms',
    remedy: 'a cpuidle driver (in a virtual machine cpuidle-haltpoll), or a kernel with CONFIG_SCHEDSTATS',
  };
}

async function perf(options: CollectorOptions): Promise<HostFinding[]> {
  const probe = await probePerf(options.perfCpus, options.rootfs, (run) => new PerfProcess(run));
  if (!probe.ok) return [{ subject: 'perf events', state: 'missing', detail: probe.error }];
  const { supported, unsupported, missing, userOnly } = probe.abilities;
  const absent = [...unsupported, ...missing];
  const detail = `${supported.length} of ${PERF_EVENTS.length} events count${userOnly ? ', user space only' : ''}`;
  if (absent.length === 0) return [{ subject: 'perf events', state: userOnly ? 'limited' : 'ok', detail }];
  return [
    {
      subject: 'perf events',
      state: 'limited',
      detail: `${detail}; not ${absent.join(', ')}`,
      remedy: 'hardware counters need real hardware, or a hypervisor that passes the PMU through',
    },
  ];
}

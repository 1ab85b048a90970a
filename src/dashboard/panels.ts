import { ChartPanel } from './chart_panel.ts';
import { CoresPanel } from './cores_panel.ts';
import {
  bytes,
  bytesPerSecond,
  celsius,
  type Format,
  kibPerSecond,
  load,
  megahertz,
  milliseconds,
  percent,
  perSecond,
  plain,
} from './format.ts';
import type { LegendEntry } from './legend.ts';
import { metricKey } from './metric.ts';
import type { Panel, PanelContext } from './panel.ts';
import { PerfPanel } from './perf_panel.ts';
import { devicesPanel, interfacesPanel, partitionsPanel } from './tables.ts';
import { type Variant, VariantPanel } from './variant_panel.ts';

const DASHED = [4, 3] as const;

function entry(
  table: string,
  column: string,
  label: string,
  format: Format,
  drawn: Pick<LegendEntry, 'color' | 'dash' | 'hint'> = {},
): LegendEntry {
  return { key: metricKey(table, column), label, format, ...drawn };
}

/** All panels in the order of the page. */
export function panels(context: PanelContext): Panel[] {
  return [
    cpuPanel(context),
    new CoresPanel(context),
    memoryPanel(context),
    systemPanel(context),
    networkPanel(context),
    diskPanel(context),
    pagingPanel(context),
    new PerfPanel(context),
    pressurePanel(context),
    interruptsPanel(context),
    samplerPanel(context),
    interfacesPanel(context),
    devicesPanel(context),
    partitionsPanel(context),
  ];
}

function cpuPanel(context: PanelContext): Panel {
  const kind = (column: string, label: string, hint: string): LegendEntry =>
    entry('cpu', `${column}_percent`, label, percent, { color: `cpu-${column}`, hint });
  return new ChartPanel(context, {
    id: 'cpu',
    title: 'CPU',
    hint: 'Share of time of all cores by kind; the shade above is the highest single sample of each column',
    size: 'wide',
    kind: 'stacked',
    format: (value) => `${value.toFixed(0)} %`,
    end: () => 100,
    envelope: metricKey('cpu', 'usage_percent'),
    entries: [
      entry('cpu', 'usage_percent', 'usage', percent, { hint: '100 less idle and waiting for I/O' }),
      kind('user', 'user', 'programs'),
      kind('system', 'system', 'the kernel on behalf of programs'),
      kind('nice', 'nice', 'programs of low priority'),
      kind('irq', 'irq', 'hardware interrupts'),
      kind('softirq', 'softirq', 'deferred work of interrupts, such as network packets'),
      kind('steal', 'steal', 'time the hypervisor gave to others'),
      kind('iowait', 'iowait', 'idle while something waits for a disk'),
      entry('cpu', 'idle_percent', 'idle', percent),
    ],
  });
}

function memoryPanel(context: PanelContext): Panel {
  const total = metricKey('memory', 'total_bytes');
  return new ChartPanel(context, {
    id: 'memory',
    title: 'Memory',
    kind: 'lines',
    format: bytes,
    end: () => context.store.latest(total),
    binary: true,
    entries: [
      entry('memory', 'used_bytes', 'used', bytes, { color: 'series-1', hint: 'total less available' }),
      entry('memory', 'cached_bytes', 'cache', bytes, { color: 'series-2', dash: DASHED }),
      entry('memory', 'swap_used_bytes', 'swap', bytes, { color: 'series-3', dash: [1, 2] }),
      entry('memory', 'percent', 'in use', percent),
      entry('memory', 'available_bytes', 'available', bytes),
      entry('memory', 'buffers_bytes', 'buffers', bytes),
    ],
  });
}

function systemPanel(context: PanelContext): Panel {
  const extra = [
    entry('cpu', 'frequency_mhz', 'frequency', megahertz),
    entry('cpu', 'temperature_celsius', 'temperature', celsius),
  ];
  const loads = [
    entry('cpu', 'load_avg_1m', '1 min', load, { color: 'series-1' }),
    entry('cpu', 'load_avg_5m', '5 min', load, { color: 'series-2', dash: DASHED }),
    entry('cpu', 'load_avg_15m', '15 min', load, { color: 'series-3', dash: [1, 2] }),
  ];
  const coloured = ([one]: LegendEntry[]): LegendEntry[] =>
    one === undefined ? [] : [{ ...one, color: 'series-1' }];
  const frequency = coloured([extra[0]!]);
  const temperature = coloured([extra[1]!]);
  const variants: Variant[] = [
    { id: 'load', label: 'load', entries: [...loads, ...extra], format: load, leastEnd: 1 },
    { id: 'frequency', label: 'frequency', entries: [...frequency, extra[1]!], format: megahertz },
    {
      id: 'temperature',
      label: 'temperature',
      entries: [...temperature, extra[0]!],
      format: celsius,
      leastEnd: 50,
    },
  ];
  return new VariantPanel(context, { id: 'system', title: 'Load and heat' }, () => variants);
}

function networkPanel(context: PanelContext): Panel {
  const two = (unit: 'bytes' | 'packets', format: Format, table: string, label = ''): LegendEntry[] => [
    { key: metricKey(table, `${unit}_recv_per_sec`, label), label: 'received', format, color: 'series-1' },
    {
      key: metricKey(table, `${unit}_sent_per_sec`, label),
      label: 'sent',
      format,
      color: 'series-2',
      dash: DASHED,
    },
  ];
  const totals = [
    entry('network', 'bytes_recv', 'total in', bytes),
    entry('network', 'bytes_sent', 'total out', bytes),
  ];
  const fixed: Variant[] = [
    {
      id: 'total',
      label: 'all wires',
      entries: [...two('bytes', bytesPerSecond, 'network'), ...totals],
      format: bytesPerSecond,
      binary: true,
      leastEnd: 1024,
    },
    {
      id: 'packets',
      label: 'packets',
      entries: two('packets', perSecond, 'network'),
      format: perSecond,
      leastEnd: 10,
    },
  ];
  const variants = (): Variant[] => [
    ...fixed,
    ...Object.keys(context.store.snapshot?.network?.interfaces ?? {}).map((name) => ({
      id: `if:${name}`,
      label: name,
      entries: two('bytes', bytesPerSecond, 'network_interface', name),
      format: bytesPerSecond,
      binary: true,
      leastEnd: 1024,
    })),
  ];
  return new VariantPanel(context, { id: 'network', title: 'Network' }, variants);
}

function diskPanel(context: PanelContext): Panel {
  const two = (
    columns: readonly [string, string],
    format: Format,
    table: string,
    label = '',
  ): LegendEntry[] => [
    { key: metricKey(table, columns[0], label), label: 'read', format, color: 'series-1' },
    { key: metricKey(table, columns[1], label), label: 'written', format, color: 'series-2', dash: DASHED },
  ];
  const rates = ['read_bytes_per_sec', 'write_bytes_per_sec'] as const;
  const totals = [
    entry('disk', 'read_bytes', 'total read', bytes),
    entry('disk', 'write_bytes', 'total written', bytes),
  ];
  const fixed: Variant[] = [
    {
      id: 'total',
      label: 'all disks',
      entries: [...two(rates, bytesPerSecond, 'disk'), ...totals],
      format: bytesPerSecond,
      binary: true,
      leastEnd: 1024,
    },
    {
      id: 'requests',
      label: 'requests',
      entries: two(['reads_per_sec', 'writes_per_sec'], perSecond, 'disk'),
      format: perSecond,
      leastEnd: 10,
    },
  ];
  const variants = (): Variant[] => [
    ...fixed,
    ...Object.keys(context.store.snapshot?.disk?.devices ?? {}).map((name) => ({
      id: `dev:${name}`,
      label: name,
      entries: [
        ...two(rates, bytesPerSecond, 'disk_device', name),
        { key: metricKey('disk_device', 'busy_percent', name), label: 'busy', format: percent },
      ],
      format: bytesPerSecond,
      binary: true,
      leastEnd: 1024,
    })),
  ];
  return new VariantPanel(context, { id: 'disk', title: 'Disk' }, variants);
}

function pagingPanel(context: PanelContext): Panel {
  const one = (column: string, label: string, format: Format, drawn = {}): LegendEntry =>
    entry('memory_bandwidth', column, label, format, drawn);
  const faults = [
    one('pgfault_per_sec', 'faults', perSecond, { hint: 'minor and major page faults' }),
    one('pgmajfault_per_sec', 'major', perSecond, { hint: 'faults that had to wait for a disk' }),
  ];
  const io = [
    one('pgpgin_per_sec', 'in', kibPerSecond, { hint: 'read from block devices, swap included' }),
    one('pgpgout_per_sec', 'out', kibPerSecond, { hint: 'written to block devices, swap included' }),
  ];
  const swap = [
    one('pswpin_per_sec', 'swap in', kibPerSecond),
    one('pswpout_per_sec', 'swap out', kibPerSecond),
  ];
  const drawn = (entries: LegendEntry[]): LegendEntry[] =>
    entries.map((made, index) =>
      index === 0 ? { ...made, color: 'series-1' } : { ...made, color: 'series-2', dash: DASHED },
    );
  const variants: Variant[] = [
    {
      id: 'faults',
      label: 'page faults',
      entries: [...drawn(faults), ...io, ...swap],
      format: perSecond,
      leastEnd: 10,
    },
    {
      id: 'pages',
      label: 'pages in and out',
      entries: [...drawn(io), ...faults],
      format: kibPerSecond,
      leastEnd: 1,
    },
    { id: 'swap', label: 'swap', entries: [...drawn(swap), ...faults], format: kibPerSecond, leastEnd: 1 },
  ];
  return new VariantPanel(context, { id: 'paging', title: 'Paging' }, () => variants);
}

function pressurePanel(context: PanelContext): Panel {
  const one = (resource: string, side: 'some' | 'full', drawn: Pick<LegendEntry, 'color' | 'dash'> = {}) => ({
    key: metricKey('pressure', `${side}_percent`, resource),
    label: drawn.color === undefined ? `${resource} ${side}` : resource,
    format: percent,
    hint: side === 'some' ? 'at least one task waited' : 'all tasks with something to do waited',
    ...drawn,
  });
  const variant = (side: 'some' | 'full', other: 'some' | 'full'): Variant => ({
    id: side,
    label: side === 'some' ? 'some tasks wait' : 'all tasks wait',
    format: percent,
    leastEnd: 1,
    entries: [
      one('cpu', side, { color: 'series-1' }),
      one('memory', side, { color: 'series-2', dash: DASHED }),
      one('io', side, { color: 'series-3', dash: [1, 2] }),
      one('cpu', other),
      one('memory', other),
      one('io', other),
    ].filter(({ key }) => key !== metricKey('pressure', 'full_percent', 'cpu')),
  });
  const options = {
    id: 'pressure',
    title: 'Pressure',
    hint: 'Share of time tasks waited for a resource',
    onlyWith: 'pressure',
  };
  const variants = [variant('some', 'full'), variant('full', 'some')];
  return new VariantPanel(context, options, () => variants);
}

function interruptsPanel(context: PanelContext): Panel {
  const one = (column: string, label: string, drawn: Pick<LegendEntry, 'color' | 'dash'> = {}): LegendEntry =>
    entry('interrupts', column, label, plainOrRate(column), drawn);
  const switches = one('context_switches_per_sec', 'switches');
  const rates = [one('interrupts_per_sec', 'interrupts'), one('soft_interrupts_per_sec', 'soft irq')];
  const tasks = [one('tasks_running', 'running'), one('tasks_blocked', 'blocked')];
  const first = { color: 'series-1' };
  const second = { color: 'series-2', dash: DASHED };
  const forks = one('forks_per_sec', 'forks');
  const variants: Variant[] = [
    {
      id: 'switches',
      label: 'switches',
      format: perSecond,
      leastEnd: 10,
      entries: [{ ...switches, ...first }, ...rates, forks, ...tasks],
    },
    {
      id: 'interrupts',
      label: 'interrupts',
      format: perSecond,
      leastEnd: 10,
      entries: [{ ...rates[0]!, ...first }, { ...rates[1]!, ...second }, switches, forks],
    },
    {
      id: 'tasks',
      label: 'tasks',
      format: plain,
      leastEnd: 2,
      entries: [{ ...tasks[0]!, ...first }, { ...tasks[1]!, ...second }, switches, forks],
    },
  ];
  return new VariantPanel(
    context,
    { id: 'interrupts', title: 'Interrupts and tasks', onlyWith: 'interrupts' },
    () => variants,
  );
}

function plainOrRate(column: string): Format {
  return column.endsWith('_per_sec') ? perSecond : plain;
}

function samplerPanel(context: PanelContext): Panel {
  const drawn = { color: 'series-1' };
  const cost = entry('sampling', 'cpu_percent', 'own CPU', percent, {
    hint: 'all threads of the sampler, share of one core',
  });
  const late = entry('sampling', 'lateness_ms', 'lateness', milliseconds, {
    hint: 'from the scheduled tick to the latest start of a read',
  });
  const interval = entry('sampling', 'actual_interval_ms', 'interval', milliseconds, {
    hint: 'between the last two ticks, really',
  });
  const memory = entry('sampling', 'memory_bytes', 'own memory', bytes);
  const variants: Variant[] = [
    {
      id: 'lateness',
      label: 'lateness',
      entries: [{ ...late, ...drawn }, cost, interval, memory],
      format: milliseconds,
      leastEnd: 1,
    },
    {
      id: 'cpu',
      label: 'own CPU',
      entries: [{ ...cost, ...drawn }, late, interval, memory],
      format: percent,
      leastEnd: 1,
    },
    {
      id: 'interval',
      label: 'interval',
      entries: [{ ...interval, ...drawn }, late, cost],
      format: milliseconds,
      leastEnd: 1,
    },
  ];
  return new VariantPanel(context, { id: 'sampler', title: 'The sampler itself' }, () => variants);
}

import { metricKey } from '../data/metric.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { colorOf, DASHED, entry } from '../kinds/panel_entry.ts';
import { type Kind, type Variant, VariantPanel } from '../kinds/variant_panel.ts';
import { bytes, bytesPerSecond, type Format, percent, perSecond } from '../words/format.ts';

const SINCE_BOOT = { hint: 'since boot' };

export function networkPanel(context: PanelContext): Panel {
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
    entry('network', 'bytes_recv', 'Σ received', bytes, SINCE_BOOT),
    entry('network', 'bytes_sent', 'Σ sent', bytes, SINCE_BOOT),
  ];
  const fixed: Variant[] = [
    {
      id: 'total',
      label: 'physical interfaces',
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
  const interfaces: Kind = {
    prefix: 'if:',
    noun: 'interface',
    names: () => Object.keys(context.store.snapshot?.network?.interfaces ?? {}),
    drawing: (names) => ({
      entries: names.flatMap((name, index) => {
        const entries = two('bytes', bytesPerSecond, 'network_interface', name);
        return names.length === 1 ? entries : entries.map((one) => ofMember(one, name, index));
      }),
      format: bytesPerSecond,
      binary: true,
      leastEnd: 1024,
    }),
  };
  return new VariantPanel(context, { id: 'network', title: 'Network' }, () => fixed, [interfaces]);
}

/** Of several things, the colour says which one it is, the dashes what of it. */
function ofMember(one: LegendEntry, name: string, index: number): LegendEntry {
  return { ...one, label: `${name} ${one.label}`, color: colorOf(index) };
}

export function diskPanel(context: PanelContext): Panel {
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
    entry('disk', 'read_bytes', 'Σ read', bytes, SINCE_BOOT),
    entry('disk', 'write_bytes', 'Σ written', bytes, SINCE_BOOT),
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
  const devices: Kind = {
    prefix: 'dev:',
    noun: 'device',
    names: () => Object.keys(context.store.snapshot?.disk?.devices ?? {}),
    drawing: (names) => ({
      entries: names.flatMap((name, index) => {
        const entries = two(rates, bytesPerSecond, 'disk_device', name);
        const busy = { key: metricKey('disk_device', 'busy_percent', name), label: 'busy', format: percent };
        if (names.length === 1) return [...entries, busy];
        return [...entries.map((one) => ofMember(one, name, index)), { ...busy, label: `${name} busy` }];
      }),
      format: bytesPerSecond,
      binary: true,
      leastEnd: 1024,
    }),
  };
  const mounts: Kind = {
    prefix: 'mount:',
    noun: 'mount',
    names: () => Object.keys(context.store.snapshot?.disk?.partitions ?? {}),
    drawing: (names) => ({
      entries: names.map((name, index) => ({
        key: metricKey('disk_partition', 'percent', name),
        label: `${name} used`,
        format: percent,
        color: colorOf(index),
      })),
      format: percent,
      end: () => 100,
    }),
  };
  return new VariantPanel(context, { id: 'disk', title: 'Disk' }, () => fixed, [devices, mounts]);
}

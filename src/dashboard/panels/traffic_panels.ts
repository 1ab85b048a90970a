import { metricKey } from '../data/metric.ts';
import { bytes, bytesPerSecond, type Format, percent, perSecond } from '../words/format.ts';
import type { LegendEntry } from './legend.ts';
import type { Panel, PanelContext } from './panel.ts';
import { DASHED, entry } from './panel_entry.ts';
import { type Variant, VariantPanel } from './variant_panel.ts';

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

import type { InterfaceData, NetworkCounters, NetworkData } from '../../../shared/snapshot.ts';
import { counter, type Family, forEach, gauge, rowsBy } from '../family.ts';

export const NETWORK_FAMILIES: readonly Family<NetworkData>[] = [
  ...countersOf('hzstat_network', "by the host's own wires"),
  ...forEach<NetworkData, InterfaceData>(
    ({ interfaces }) => rowsBy('interface', interfaces),
    [
      ...countersOf('hzstat_network_interface', 'by this interface'),
      gauge(
        'hzstat_network_interface_summed',
        "Whether this interface is one of the host's own wires, which hzstat_network_* sum up.",
        (data) => data.in_total,
      ),
    ],
  ),
];

function countersOf(prefix: string, by: string): readonly Family<NetworkCounters>[] {
  return [
    counter(`${prefix}_receive_bytes_total`, `Bytes received ${by}.`, (data) => data.bytes_recv),
    counter(`${prefix}_transmit_bytes_total`, `Bytes sent ${by}.`, (data) => data.bytes_sent),
    counter(`${prefix}_receive_packets_total`, `Packets received ${by}.`, (data) => data.packets_recv),
    counter(`${prefix}_transmit_packets_total`, `Packets sent ${by}.`, (data) => data.packets_sent),
    counter(`${prefix}_receive_errors_total`, `Packets received damaged ${by}.`, (data) => data.errin),
    counter(
      `${prefix}_transmit_errors_total`,
      `Packets that failed to be sent ${by}.`,
      (data) => data.errout,
    ),
    counter(`${prefix}_receive_drops_total`, `Packets received and discarded ${by}.`, (data) => data.dropin),
    counter(`${prefix}_transmit_drops_total`, `Packets discarded unsent ${by}.`, (data) => data.dropout),
  ];
}

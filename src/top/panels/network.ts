import type { InterfaceData, NetworkCounters } from '../../model/snapshot.ts';
import { STYLE, type Style } from '../drawing/style.ts';
import { byteRate, bytes, count, countRate } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { itemRank, RANK, type Row } from '../rows/panel.ts';
import { chartRow, figuresRow, itemChartRow, nameCell, nameCells } from '../rows/rows.ts';
import type { View } from '../view/view.ts';

/** Traffic of the host's own wires, and of every interface. */
export const networkPanel = collectorPanel(
  'NETWORK',
  'network',
  (view, network) => [
    chartRow(view, {
      label: 'in',
      value: byteRate(network.bytes_recv_per_sec),
      series: 'network_in',
      format: byteRate,
      style: STYLE.inbound,
      rank: RANK.essential,
      grows: 4,
    }),
    chartRow(view, {
      label: 'out',
      value: byteRate(network.bytes_sent_per_sec),
      series: 'network_out',
      format: byteRate,
      style: STYLE.outbound,
      rank: RANK.essential,
      grows: 4,
    }),
    figuresRow(RANK.more, [
      { label: 'packets in', value: countRate(network.packets_recv_per_sec) },
      { label: 'out', value: countRate(network.packets_sent_per_sec) },
      { label: 'errors since boot', value: count(network.errin + network.errout) },
      { label: 'drops', value: count(network.dropin + network.dropout) },
    ]),
    ...interfaceRows(view, network.interfaces),
  ],
  {
    names: ({ interfaces }) => sorted(interfaces).map(([name]) => name),
    rows: (view, { interfaces }, name) => {
      const data = interfaces[name];
      return data === undefined ? [] : interfaceAlone(view, name, data);
    },
  },
);

/** What one interface carries and carried. */
function interfaceAlone(view: View, name: string, data: InterfaceData): Row[] {
  const chart = (label: string, field: keyof InterfaceData, format: typeof byteRate, style: Style): Row =>
    itemChartRow(view, label, data, ['network', 'interfaces', name, field], format, style);
  return [
    figuresRow(RANK.essential, [
      { label: data.in_total ? 'wire' : 'interface', value: name },
      { label: 'since boot in', value: bytes(data.bytes_recv) },
      { label: 'out', value: bytes(data.bytes_sent) },
    ]),
    chart('in', 'bytes_recv_per_sec', byteRate, STYLE.inbound),
    chart('out', 'bytes_sent_per_sec', byteRate, STYLE.outbound),
    chart('pkts in', 'packets_recv_per_sec', countRate, STYLE.inbound),
    chart('pkts out', 'packets_sent_per_sec', countRate, STYLE.outbound),
    figuresRow(RANK.main, [
      { label: 'errors since boot in', value: count(data.errin) },
      { label: 'out', value: count(data.errout) },
      { label: 'drops in', value: count(data.dropin) },
      { label: 'out', value: count(data.dropout) },
    ]),
  ];
}

/** Those whose order does not jump about: see {@link standing}. */
function sorted(interfaces: Readonly<Record<string, InterfaceData>>): [string, InterfaceData][] {
  return Object.entries(interfaces).sort(
    ([nameA, a], [nameB, b]) => standing(a) - standing(b) || (nameA < nameB ? -1 : 1),
  );
}

function interfaceRows({ glyphs }: View, interfaces: Readonly<Record<string, InterfaceData>>): Row[] {
  const cells = nameCells(Object.keys(interfaces), 16);
  return sorted(interfaces).map(([name, data], index) => ({
    rank: itemRank(index),
    item: true,
    name,
    draw(region) {
      let x = region.text(0, 0, nameCell(name, data.in_total, cells, glyphs));
      x = region.text(x, 0, 'in') + 1;
      x = region.text(x, 0, byteRate(data.bytes_recv_per_sec), STYLE.inbound) + 1;
      x = region.text(x, 0, 'out') + 1;
      x = region.text(x, 0, byteRate(data.bytes_sent_per_sec), STYLE.outbound) + 1;
      const lost = lostPackets(data);
      const packets = `${count(data.packets_recv_per_sec)} ${count(data.packets_sent_per_sec)} pkt/s`;
      if (x + packets.length <= region.width) x = region.text(x, 0, packets) + 1;
      if (lost > 0) region.text(x, 0, `! ${count(lost).trim()} lost`, STYLE.warning);
    },
  }));
}

/** The host's own wires first, then whatever carried anything since boot: an order that does not jump about. */
function standing({ in_total, bytes_recv, bytes_sent }: InterfaceData): number {
  if (in_total) return 0;
  return bytes_recv + bytes_sent > 0 ? 1 : 2;
}

/** Errors and drops since boot. */
function lostPackets({ errin, errout, dropin, dropout }: NetworkCounters): number {
  return errin + errout + dropin + dropout;
}

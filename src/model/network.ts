import { collector } from './collector.ts';
import { counter, flag, rate } from './field.ts';

/** What is counted of an interface, and of all wires together. */
function traffic(prefix: string, by: string) {
  const metric = (name: string) => ({ metric: `${prefix}_${name}_total` });
  return {
    bytes_sent: counter('bytes', `Bytes sent ${by}.`, metric('transmit_bytes')),
    bytes_recv: counter('bytes', `Bytes received ${by}.`, metric('receive_bytes')),
    packets_sent: counter('packets', `Packets sent ${by}.`, metric('transmit_packets')),
    packets_recv: counter('packets', `Packets received ${by}.`, metric('receive_packets')),
    errin: counter('packets', `Packets received damaged ${by}.`, metric('receive_errors')),
    errout: counter('packets', `Packets that failed to be sent ${by}.`, metric('transmit_errors')),
    dropin: counter('packets', `Packets received and discarded ${by}.`, metric('receive_drops')),
    dropout: counter('packets', `Packets discarded unsent ${by}.`, metric('transmit_drops')),
    bytes_sent_per_sec: rate('bytes/s', 'bytes_sent', `Bytes sent a second ${by}.`),
    bytes_recv_per_sec: rate('bytes/s', 'bytes_recv', `Bytes received a second ${by}.`),
    packets_sent_per_sec: rate('packets/s', 'packets_sent', `Packets sent a second ${by}.`),
    packets_recv_per_sec: rate('packets/s', 'packets_recv', `Packets received a second ${by}.`),
  };
}

export const network = collector({
  name: 'network',
  meaning: "Traffic of the host's own wires together, and of every interface.",
  source: '/proc/net/dev',
  table: 'network',
  fields: traffic('hzstat_network', "by the host's own wires"),
  maps: {
    interfaces: {
      label: 'interface',
      meaning: 'Every interface, by its name.',
      table: 'network_interface',
      fields: {
        ...traffic('hzstat_network_interface', 'by this interface'),
        in_total: flag(
          "Whether this interface is one of the host's own wires, which hzstat_network_* sum up.",
          {
            source: '/sys/class/net',
            metric: 'hzstat_network_interface_summed',
          },
        ),
      },
    },
  },
});

import { defaultWatches } from '../../../src/incidents/watches/default_watches.ts';
import { parseWatch, resolveWatch } from '../../../src/incidents/watches/watch_syntax.ts';
import { Packer } from '../../../src/records/packer.ts';
import { WatchCheck } from '../../../src/watching/watch_check.ts';
import type { Collected } from '../machines.ts';
import { INTERVAL_NS } from '../snapshots.ts';
import type { Suite } from '../suite.ts';

const INTERVAL_MS = 100;
/** Beside the defaults, so that it is twenty watches. */
const ASKED = [
  'a: cpu.load_avg_1m > 1000',
  'b: memory.available_bytes < 1',
  'c: network.interfaces.*.bytes_sent_per_sec > 1e12',
  'd: disk.devices.*.in_flight > 10000',
  'e: memory_bandwidth.pgfault_per_sec > 1e12',
];

/** What holding a tick against twenty watches takes, in all collectors' threads together: nothing crosses. */
export function watchSuite({ machine, data }: Collected): Suite {
  const watches = [...defaultWatches(INTERVAL_MS), ...ASKED.map((text) => resolveWatch(parseWatch(text)))];
  const parts = [...data].map(([name, values]) => {
    const own = watches.filter(({ collector }) => collector === name);
    return { check: new WatchCheck(own, () => {}), ...new Packer().pack(values) };
  });
  let tick = 0;
  return {
    source: `shared/watching, ${machine}`,
    rows: [
      {
        name: 'nothing',
        control: true,
        run: () => {
          for (const { row } of parts) tick += row[0]! > 0 ? 1 : 0;
        },
      },
      {
        name: 'a tick held against twenty watches',
        run: () => {
          tick++;
          for (const { check, layout, row } of parts) check.look(layout, row, 0, tick * INTERVAL_NS);
        },
      },
    ],
  };
}

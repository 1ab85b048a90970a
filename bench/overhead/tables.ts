import { type Column, figure, renderTable } from '../report/table.ts';
import type { OverheadResult } from './run.ts';
import type { Summary } from './summary.ts';

const BYTES_PER_MB = 1_000_000;

const COST: readonly Column[] = [
  { heading: 'what' },
  { heading: 'Hz', numeric: true },
  { heading: 'history' },
  { heading: 'clients', numeric: true },
  { heading: 'CPU µs a snapshot', numeric: true },
  { heading: 'user', numeric: true },
  { heading: 'system', numeric: true },
  { heading: 'children', numeric: true },
  { heading: '% of a core', numeric: true },
  { heading: 'PSS MB', numeric: true },
  { heading: 'switches', numeric: true },
  { heading: '× psutil', numeric: true },
];

/** When, who, and what follows the rate in the table of costs. */
const PHASES: readonly Column[] = [{ heading: 'left running' }, { heading: 'what' }, ...COST.slice(4)];

const PUNCTUALITY: readonly Column[] = [
  { heading: 'Hz', numeric: true },
  { heading: 'history' },
  { heading: 'snapshots', numeric: true },
  { heading: 'missed', numeric: true },
  { heading: 'on time %', numeric: true },
  { heading: 'lateness p50 ms', numeric: true },
  { heading: 'p99', numeric: true },
  { heading: 'p99.9', numeric: true },
  { heading: 'latency p50 ms', numeric: true },
  { heading: 'p99', numeric: true },
  { heading: 'p99.9', numeric: true },
  { heading: 'bytes a frame', numeric: true },
];

/** What a snapshot costs, the product beside psutil. */
export function costTable({ scenarios, psutil }: OverheadResult): string {
  const psutilAt = (hz: number): number | undefined => psutil.find((row) => row.hz === hz)?.cpu_us;
  const rows = scenarios.map((row) => {
    const { hz, history, clients } = row.scenario;
    const control = psutilAt(hz);
    const times = control === undefined ? undefined : row.cpu_us / control;
    return ['hzstat', `${hz}`, history ? 'yes' : 'no', `${clients}`, ...costCells(row), figure(times)];
  });
  const controls = psutil.map((row) => ['psutil', `${row.hz}`, 'no', '–', ...costCells(row), figure(1)]);
  return renderTable(COST, [...rows, ...controls]);
}

/** What is left running costs, early and late, beside psutil in the same minutes. */
export function phaseTable({ phases }: OverheadResult): string {
  const psutilAt = (phase: string, hz: number): number | undefined =>
    phases.find((row) => row.phase === phase && row.hz === hz && row.key.startsWith('psutil'))?.cpu_us;
  const rows = phases.map((row) => {
    const control = psutilAt(row.phase, row.hz);
    const times = control === undefined ? undefined : row.cpu_us / control;
    const when = `seconds ${row.fromSeconds} to ${row.fromSeconds + row.seconds}`;
    return [when, row.name, ...costCells(row), figure(times)];
  });
  return phases.length === 0 ? '' : renderTable(PHASES, rows);
}

/** How punctual ticks and deliveries were, where a client listened. */
export function punctualityTable({ scenarios }: OverheadResult): string {
  const rows = scenarios
    .filter(({ scenario }) => scenario.clients > 0)
    .map((row) => {
      const { hz, history } = row.scenario;
      const { lateness_ms: lateness, latency_ms: latency } = row;
      return [
        `${hz}`,
        history ? 'yes' : 'no',
        figure(row.snapshots),
        `${row.missed_ticks}`,
        figure(row.on_time_percent),
        ...[lateness?.p50, lateness?.p99, lateness?.p999, latency?.p50, latency?.p99, latency?.p999].map(
          figure,
        ),
        figure(row.bytes_per_frame),
      ];
    });
  return renderTable(PUNCTUALITY, rows);
}

function costCells(row: Summary): string[] {
  const { cpu_us, user_us, system_us, children_us, core_percent, pss_bytes, switches } = row;
  return [cpu_us, user_us, system_us, children_us, core_percent, pss_bytes / BYTES_PER_MB, switches].map(
    figure,
  );
}

/** How long starting takes. */
export function startTable({ start, bareOnTimePercent }: OverheadResult): string {
  const rows = [
    ['first snapshot at a client, ms after the start of the process', figure(start.first_snapshot_ms)],
    ['a Node that does nothing, ms from start to end', figure(start.bare_node_ms)],
  ];
  if (bareOnTimePercent !== undefined) {
    rows.push(['ticks on time at 1 kHz of a thread that does nothing, %', figure(bareOnTimePercent)]);
  }
  return renderTable([{ heading: 'start and controls' }, { heading: 'figure', numeric: true }], rows);
}

import { figure, renderTable } from '../report/table.ts';
import type { PeerRow } from './run.ts';

const BYTES_PER_MB = 1_000_000;

export function peersTable(rows: readonly PeerRow[]): string {
  return renderTable(
    [
      { heading: 'tool' },
      { heading: 'beyond reading' },
      { heading: 'Hz asked', numeric: true },
      { heading: 'Hz got', numeric: true },
      { heading: 'CPU µs a sample', numeric: true },
      { heading: '% of a core', numeric: true },
      { heading: 'PSS MB', numeric: true },
      { heading: 'processes', numeric: true },
    ],
    rows.map((row) => [
      row.peer,
      row.does,
      `${row.hz}`,
      ...[row.real_hz, row.cpu_us, row.core_percent, row.pss_bytes / BYTES_PER_MB].map(figure),
      `${row.processes}`,
    ]),
  );
}

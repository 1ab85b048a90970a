import type { Figures } from '../budget/verdict.ts';
import { figure, renderTable } from '../report/table.ts';
import type { FanoutRow } from './run.ts';

/** What was measured under the names the budget knows. */
export function fanoutFigures(rows: readonly FanoutRow[]): Figures {
  const figures = new Map<string, number>();
  for (const { server, clients, cpu_us, latency_ms } of rows) {
    const key = `${server === 'ws_json' ? server : `fanout.${server}`}.${clients}clients`;
    if (cpu_us !== undefined) figures.set(`${key}.cpu_us`, cpu_us);
    if (latency_ms !== undefined) figures.set(`${key}.latency_p99_ms`, latency_ms.p99);
  }
  return figures;
}

export function fanoutTable(rows: readonly FanoutRow[]): string {
  return renderTable(
    [
      { heading: 'server' },
      { heading: 'clients', numeric: true },
      { heading: 'deliveries', numeric: true },
      { heading: 'bytes a frame', numeric: true },
      { heading: 'CPU µs a delivery', numeric: true },
      { heading: '% of a core', numeric: true },
      { heading: 'latency p50 ms', numeric: true },
      { heading: 'p99', numeric: true },
      { heading: 'p99.9', numeric: true },
      { heading: 'lost', numeric: true },
    ],
    rows.map((row) => [
      row.server === 'ws_json' ? 'ws + JSON' : `hzstat, ${row.server}`,
      `${row.clients}`,
      `${row.deliveries}`,
      ...[row.bytes_per_frame, row.cpu_us, row.core_percent].map(figure),
      ...[row.latency_ms?.p50, row.latency_ms?.p99, row.latency_ms?.p999].map(figure),
      `${row.lost}`,
    ]),
  );
}

import type { Figures } from '../budget/verdict.ts';
import type { OverheadResult } from './run.ts';
import { scenarioKey } from './scenario.ts';
import type { Summary } from './summary.ts';

const BYTES_PER_MB = 1_000_000;

/** What was measured under the names the budget knows. */
export function overheadFigures({
  scenarios,
  psutil,
  phases,
  start,
  bareOnTimePercent,
}: OverheadResult): Figures {
  const figures = new Map<string, number>();
  const add = (name: string, value: number | undefined): void => {
    if (value !== undefined && !Number.isNaN(value)) figures.set(name, value);
  };
  const addSummary = (key: string, summary: Summary): void => {
    add(`${key}.cpu_us`, summary.cpu_us);
    add(`${key}.core_percent`, summary.core_percent);
    add(`${key}.pss_mb`, summary.pss_bytes / BYTES_PER_MB);
    add(`${key}.on_time_percent`, summary.on_time_percent);
    add(`${key}.latency_p50_ms`, summary.latency_ms?.p50);
    add(`${key}.latency_p99_ms`, summary.latency_ms?.p99);
  };
  for (const result of scenarios) addSummary(scenarioKey(result.scenario), result);
  for (const result of psutil) addSummary(`psutil.${result.hz}hz`, result);
  for (const result of phases) addSummary(`${result.key}.${result.phase}`, result);
  add('hzstat.start.first_snapshot_ms', start.first_snapshot_ms);
  add('bare_node.start_ms', start.bare_node_ms);
  add('bare_ticks.1000hz.on_time_percent', bareOnTimePercent);
  return figures;
}

import type { PerfEventsData } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { count, decimal, percent } from '../figures/format.ts';
import { perSecond, ratio } from '../figures/perf_figures.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { RANK, type Row } from '../rows/panel.ts';
import { chartRow, type Figure, figureRows, figuresRow, missingRow, sentenceRow } from '../rows/rows.ts';
import type { View } from '../view/view.ts';

/** Miss ratios that say something, by the events they follow from. */
const MISS_RATIOS = [
  ['branch', 'branch-misses', 'branches'],
  ['L1d', 'L1-dcache-load-misses', 'L1-dcache-loads'],
  ['LLC', 'LLC-load-misses', 'LLC-loads'],
  ['dTLB', 'dTLB-load-misses', 'dTLB-loads'],
  ['iTLB', 'iTLB-load-misses', 'iTLB-loads'],
] as const;
const FIRST_EVENTS = ['context-switches', 'page-faults', 'cpu-migrations', 'cpu-clock'];

/** Instructions per cycle and miss ratios, or why not; and every event that counts. */
export const perfEventsPanel = collectorPanel('PERF', 'perf_events', (view, perf, width) => [
  ...cycleRows(view, perf, width),
  ...eventRows(perf, width),
]);

function cycleRows(view: View, perf: PerfEventsData, width: number): Row[] {
  const cycles = ratio(perf, 'instructions', 'cycles');
  if ('missing' in cycles) {
    const why = missingRow(RANK.main, 'IPC', cycles.missing, width);
    if (perf.error === undefined) return [why];
    const trouble = `Hardware Performance Counters Unavailable: ${perf.error}`;
    return [why, sentenceRow(RANK.more, trouble, STYLE.warning, width)];
  }
  return [
    chartRow(view, {
      label: 'IPC',
      value: `${cycles.estimated ? '~' : ''}${decimal(cycles.value, 2)}`,
      series: 'instructions_per_cycle',
      format: (value) => decimal(value, 2),
      style: STYLE.nice,
      rank: RANK.main,
      grows: 4,
    }),
    ...missesRow(perf),
    ...(perf.user_space_only === true
      ? [sentenceRow(RANK.more, 'user space only: this user may not count the kernel', STYLE.faint, width)]
      : []),
  ];
}

/** The ratios whose events both count. */
function missesRow(perf: PerfEventsData): Row[] {
  const figures: Figure[] = [];
  for (const [label, misses, all] of MISS_RATIOS) {
    const share = ratio(perf, misses, all);
    if ('missing' in share) continue;
    figures.push({ label, value: `${share.estimated ? '~' : ''}${percent(share.value * 100).trim()}` });
  }
  return figures.length === 0 ? [] : [figuresRow(RANK.detail, [{ label: 'misses:', value: '' }, ...figures])];
}

/** Rates of the events that count, those every host has first, in as many lines as they take. */
function eventRows(perf: PerfEventsData, width: number): Row[] {
  const names = Object.keys(perf.events);
  const sorted = [
    ...FIRST_EVENTS.filter((name) => names.includes(name)),
    ...names.filter((name) => !FIRST_EVENTS.includes(name)),
  ];
  const figures: Figure[] = [];
  for (const event of sorted) {
    const { unit } = perf.events[event]!;
    const rate = perSecond(perf, event);
    if (rate === undefined) continue;
    figures.push({ label: event, value: unit === null ? `${count(rate)}/s` : `${count(rate)} ${unit}/s` });
  }
  return figureRows(RANK.detail, RANK.more, figures, width);
}

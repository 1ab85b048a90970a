import { formatDurationMs } from '../../base/units.ts';
import type { Sampling } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { bytes, decimal, milliseconds, percent } from '../figures/format.ts';
import { type Panel, RANK, type Row } from '../rows/panel.ts';
import { chartRow, type Figure, figuresRow, sentenceRow } from '../rows/rows.ts';
import { reasonOf, type View } from '../view/view.ts';

/** What the sampler itself costs, how late it was, and which collectors are in trouble. */
export const ownCostPanel: Panel = {
  title: 'HZSTAT',
  isPresent: () => true,
  isLate: () => false,
  rows(view, { snapshot: { sampling } }, width) {
    return [
      chartRow(view, {
        label: 'own cpu',
        value: percent(sampling.cpu_percent),
        series: 'own_cpu',
        format: (value) => percent(value),
        style: STYLE.good,
        rank: RANK.main,
      }),
      figuresRow(RANK.essential, figuresOf(sampling)),
      latenessRow(view, sampling),
      ...troubleRows(sampling, width),
    ];
  },
};

function figuresOf(sampling: Sampling): Figure[] {
  const { lateness_ms, missed_ticks, memory_bytes, actual_interval_ms, budget } = sampling;
  return [
    { label: 'late', value: milliseconds(lateness_ms) },
    {
      label: 'missed',
      value: `${missed_ticks} ${missed_ticks === 1 ? 'tick' : 'ticks'}`,
      style: missed_ticks > 0 ? STYLE.warning : STYLE.value,
    },
    { label: 'memory', value: bytes(memory_bytes).trim() },
    historyFigure(sampling),
    ...(budget === undefined ? [] : [{ label: 'budget', value: `${budget.limit_percent} %` }]),
    {
      label: 'interval',
      value: actual_interval_ms === undefined ? 'N/A' : `${decimal(actual_interval_ms, 1)} ms`,
    },
  ];
}

function historyFigure({ history }: Sampling): Figure {
  if (history === undefined) return { label: 'history', value: 'off' };
  if (history.state === 'failing') return { label: 'history', value: '! failing', style: STYLE.bad };
  const lost = history.lost_snapshots;
  return { label: 'history', value: lost === 0 ? 'on' : `on, ${lost} lost` };
}

function latenessRow(view: View, { lateness_ms }: Sampling): Row {
  return chartRow(view, {
    label: 'lateness',
    value: milliseconds(lateness_ms),
    series: 'lateness',
    format: milliseconds,
    style: STYLE.waiting,
    rank: RANK.more,
  });
}

function troubleRows({ collectors, history, budget, interval_ms }: Sampling, width: number): Row[] {
  const rows: Row[] = [];
  if (budget !== undefined && interval_ms > budget.asked_interval_ms) {
    const asked = formatDurationMs(budget.asked_interval_ms);
    const why = budget.message ?? 'it would have cost more than the budget';
    rows.push(sentenceRow(RANK.main, `! not every ${asked} as asked: ${why}`, STYLE.warning, width));
  }
  for (const [name, state] of Object.entries(collectors)) {
    if (state.state === 'ok' || state.state === 'warming_up') continue;
    const style = state.state === 'failed' ? STYLE.bad : STYLE.warning;
    rows.push(sentenceRow(RANK.main, `! ${name} ${reasonOf(state)}`, style, width));
  }
  if (history?.message !== undefined) {
    rows.push(sentenceRow(RANK.main, `! history: ${history.message}`, STYLE.bad, width));
  }
  return rows;
}

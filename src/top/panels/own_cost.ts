import type { Sampling } from '../../shared/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { bytes, decimal, milliseconds, percent } from '../figures/format.ts';
import { reasonOf, type View } from '../view.ts';
import { type Panel, RANK, type Row } from './panel.ts';
import { chartRow, type Figure, figuresRow, sentenceRow } from './rows.ts';

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

function figuresOf({
  lateness_ms,
  missed_ticks,
  memory_bytes,
  actual_interval_ms,
  history,
}: Sampling): Figure[] {
  const recording: Figure =
    history === undefined
      ? { label: 'history', value: 'off' }
      : history.state === 'recording'
        ? {
            label: 'history',
            value: history.lost_snapshots === 0 ? 'on' : `on, ${history.lost_snapshots} lost`,
          }
        : { label: 'history', value: '! failing', style: STYLE.bad };
  return [
    { label: 'late', value: milliseconds(lateness_ms) },
    {
      label: 'missed',
      value: `${missed_ticks} ${missed_ticks === 1 ? 'tick' : 'ticks'}`,
      style: missed_ticks > 0 ? STYLE.warning : STYLE.value,
    },
    { label: 'memory', value: bytes(memory_bytes).trim() },
    recording,
    {
      label: 'interval',
      value: actual_interval_ms === undefined ? 'N/A' : `${decimal(actual_interval_ms, 1)} ms`,
    },
  ];
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

function troubleRows({ collectors, history }: Sampling, width: number): Row[] {
  const rows: Row[] = [];
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

import { MS_PER_SECOND } from '../../base/units.ts';
import type { CollectorSampling, Snapshot } from '../../model/snapshot.ts';
import { inBaseUnit } from '../base_unit.ts';
import { counter, type Family, forEach, gauge, type Row, rowsBy } from '../family.ts';
import { labelsOf } from '../labels.ts';

/** What the sampler says of itself in words: states, and what it does about its budget. */
export const STATE_FAMILIES: readonly Family<Snapshot>[] = [
  gauge(
    'hzstat_snapshot_timestamp_seconds',
    'Unix time of the tick all values here are from.',
    ({ timestamp }) => Date.parse(timestamp) / MS_PER_SECOND,
  ),
  counter(
    'hzstat_snapshots_total',
    'Snapshots made since the sampler started.',
    // Sequence numbers begin with 0.
    ({ sequence }) => sequence + 1,
  ),
  gauge(
    'hzstat_budget_ratio',
    'Share of one core the sampler may use; absent when it may use what it likes.',
    ({ sampling: { budget } }) => budget && inBaseUnit('percent', budget.limit_percent),
  ),
  gauge(
    'hzstat_budget_asked_interval_seconds',
    'The interval that was asked for; the scheduled one is longer while that would cost too much.',
    ({ sampling: { budget } }) => budget && inBaseUnit('ms', budget.asked_interval_ms),
  ),
  counter(
    'hzstat_budget_interval_changes_total',
    'How often the interval was changed to keep to the budget.',
    ({ sampling }) => sampling.budget?.changes,
  ),
  ...forEach<Snapshot, CollectorSampling>(
    ({ sampling }) => rowsBy('collector', sampling.collectors),
    [
      gauge(
        'hzstat_collector_enabled',
        'Whether the collector is switched on.',
        ({ state }) => state !== 'disabled',
      ),
      gauge(
        'hzstat_collector_up',
        'Whether the collector is part of this snapshot: 0 when it failed, was late or is warming up; absent when it is switched off.',
        ({ state }) => (state === 'disabled' ? undefined : state === 'ok'),
      ),
    ],
  ),
  ...forEach(failuresOf, [
    gauge<true>(
      'hzstat_collector_failure_info',
      'Why a collector fails, as the code of its error; absent when it does not.',
      (failed) => failed,
    ),
  ]),
  gauge(
    'hzstat_history_recording',
    'Whether snapshots reach the disk; absent when none are to be recorded.',
    ({ sampling: { history } }) => history && history.state === 'recording',
  ),
  counter(
    'hzstat_history_lost_snapshots_total',
    'Snapshots that could not be recorded.',
    ({ sampling }) => sampling.history?.lost_snapshots,
  ),
];

function failuresOf({ sampling }: Snapshot): Row<true>[] {
  const rows: Row<true>[] = [];
  for (const [collector, data] of Object.entries(sampling.collectors)) {
    if (data.state === 'failed') rows.push([labelsOf({ collector, code: data.code }), true]);
  }
  return rows;
}

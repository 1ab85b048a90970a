import type { LiveStore } from '../data/live_store.ts';
import { metricKey } from '../data/metric.ts';
import { element, setAttribute } from '../view/element.ts';
import { LiveText } from '../view/live_text.ts';
import { Reading } from '../view/reading.ts';
import { reasonFor } from '../words/absence.ts';
import { bytes, count, milliseconds, percent } from '../words/format.ts';

/** What the sampler costs and how punctual it is: at the foot of the page, always. */
export class StatusBar {
  readonly root = element('footer', { class: 'status', 'aria-label': 'The sampler itself' });
  readonly #store: LiveStore;
  readonly #dropped: () => number;
  readonly #cpu = this.#add(
    'own CPU',
    'sampling||cpu_percent',
    'all threads of the sampler, as a share of one core',
  );
  readonly #memory = this.#add('memory', 'sampling||memory_bytes', 'resident memory of the sampler');
  readonly #late = this.#add(
    'late',
    'sampling||lateness_ms',
    'from the scheduled tick to the latest start of a read',
  );
  readonly #missed = this.#add('missed ticks', 'sampling||missed_ticks', 'since the start of the sampler');
  readonly #interval = this.#add(
    'interval',
    'sampling||actual_interval_ms',
    'between the last two ticks; in brackets what it should be',
  );
  readonly #history = this.#add('history', 'history', 'whether snapshots reach the disk');
  readonly #spared = this.#add('dropped', 'dropped', 'snapshots dropped because this page was too slow');
  readonly #sequence = new LiveText();

  constructor(store: LiveStore, dropped: () => number) {
    this.#store = store;
    this.#dropped = dropped;
    const sequence = element('output', { 'data-metric': 'sequence' }, this.#sequence.node);
    this.root.append(
      element('span', { class: 'sequence', title: 'number of the snapshot shown' }, '#', sequence),
    );
  }

  update(): void {
    const { snapshot } = this.#store;
    if (snapshot === undefined) return;
    const { sampling } = snapshot;
    const { cpu_percent, actual_interval_ms, history } = sampling;
    if (cpu_percent === undefined) {
      this.#cpu.showAbsent(reasonFor(metricKey('sampling', 'cpu_percent'), snapshot));
    } else {
      const limit = sampling.budget?.limit_percent;
      this.#cpu.show(
        limit === undefined ? percent(cpu_percent) : `${percent(cpu_percent)} of ${percent(limit)}`,
      );
    }
    this.#memory.show(bytes(sampling.memory_bytes));
    this.#late.show(milliseconds(sampling.lateness_ms));
    this.#missed.show(count(sampling.missed_ticks));
    const asked = sampling.budget?.asked_interval_ms ?? sampling.interval_ms;
    const slowed = asked < sampling.interval_ms;
    const planned = slowed
      ? `(${milliseconds(sampling.interval_ms)} instead of ${milliseconds(asked)}, to keep to the budget)`
      : `(${milliseconds(sampling.interval_ms)})`;
    setAttribute(this.#interval.root, 'title', slowed ? sampling.budget?.message : undefined);
    this.#interval.show(
      actual_interval_ms === undefined ? planned : `${milliseconds(actual_interval_ms)} ${planned}`,
    );
    if (history === undefined) this.#history.showAbsent('recording is off (--no-history)');
    else if (history.state === 'recording') {
      this.#history.show(
        history.lost_snapshots === 0 ? 'recording' : `recording, ${count(history.lost_snapshots)} lost`,
      );
    } else this.#history.show(`failing: ${history.message ?? 'no reason given'}`);
    this.#spared.show(count(this.#dropped()));
    this.#sequence.set(String(snapshot.sequence));
  }

  #add(label: string, metric: string, hint: string): Reading {
    const reading = new Reading();
    this.root.append(
      element('span', { title: hint }, `${label} `, element('span', { 'data-metric': metric }, reading.root)),
    );
    return reading;
  }
}

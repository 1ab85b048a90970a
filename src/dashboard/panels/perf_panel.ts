import type { PerfEventsData } from '../../client/index.ts';
import { metricKey } from '../data/metric.ts';
import type { PastRow } from '../data/past_sql.ts';
import { PERF_RATIOS } from '../data/perf_ratios.ts';
import { ChartPanel } from '../kinds/chart_panel.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { PanelContext } from '../kinds/panel.ts';
import { element, setText } from '../view/element.ts';
import { Reading } from '../view/reading.ts';
import { reasonFor, troubleOf } from '../words/absence.ts';
import { type Format, percent, perSecond, plain } from '../words/format.ts';

const HARDWARE_MISSING = 'Hardware Performance Counters Unavailable';

const ratioFormat = (factor: number): Format =>
  factor === 100 ? (value) => `${value.toFixed(2)} %` : (value) => value.toFixed(2);

const RATIOS: readonly LegendEntry[] = PERF_RATIOS.map(({ column, label, meaning, factor }) => ({
  key: metricKey('perf_events', column),
  label,
  hint: meaning,
  format: ratioFormat(factor),
}));

/** With no hardware counters, switches between tasks tell most of what is left. */
const WITHOUT_HARDWARE: readonly LegendEntry[] = [
  {
    key: metricKey('perf_events', 'per_sec', 'context-switches'),
    label: 'switches',
    format: perSecond,
    color: 'series-1',
  },
  {
    key: metricKey('perf_events', 'per_sec', 'cpu-migrations'),
    label: 'migrations',
    format: perSecond,
    color: 'series-2',
    dash: [4, 3],
  },
];

const WITH_HARDWARE: readonly LegendEntry[] = [
  { ...RATIOS[0]!, label: 'IPC', color: 'series-1', format: plain },
  ...RATIOS.slice(1, 4),
];

/** Instructions per cycle and misses where the hardware counts, every event that does, and why others do not. */
export class PerfPanel extends ChartPanel {
  readonly #notice = element('div', { class: 'notice', role: 'status', hidden: true });
  readonly #cause = element('p');
  readonly #events = element('dl', { class: 'events' });
  readonly #readings = new Map<string, Reading>();
  #hardware = true;

  constructor(context: PanelContext) {
    super(context, {
      id: 'perf_events',
      title: 'Performance counters',
      hint: 'Events of perf stat per second, and ratios derived from events of the same interval',
      kind: 'lines',
      format: plain,
      leastEnd: 1,
      entries: WITH_HARDWARE,
      showsRows: 'events',
    });
    this.#notice.append(element('strong', {}, HARDWARE_MISSING), this.#cause);
    this.heading.after(this.#notice);
    this.root.append(this.#events);
  }

  override updateText(): void {
    if (!this.visible) return;
    const { snapshot } = this.context.store;
    const state = snapshot?.sampling.collectors.perf_events;
    // A reading that has not come tells nothing of the hardware: what was known of it still stands.
    if (state !== undefined && state.state !== 'late' && state.state !== 'warming_up') {
      this.#judge(snapshot?.perf_events, troubleOf('perf_events', state));
    }
    super.updateText();
    const past = this.pastRows('perf_events');
    if (past === undefined) this.#listEvents(Object.keys(snapshot?.perf_events?.events ?? {}));
    else this.#listPast(past);
  }

  #judge(perf: PerfEventsData | undefined, trouble: string | undefined): void {
    const hardware = perf?.events.cycles?.value != null;
    const missing = !hardware && (perf?.available === false || trouble !== undefined);
    this.#notice.hidden = !missing;
    if (missing) setText(this.#cause, trouble ?? perf?.error ?? 'perf gives no reason');
    if (hardware !== this.#hardware && hardware !== missing) this.#show(hardware);
  }

  #show(hardware: boolean): void {
    this.#hardware = hardware;
    this.reconsider(
      hardware
        ? { entries: WITH_HARDWARE, format: plain, leastEnd: 1 }
        : { entries: WITHOUT_HARDWARE, format: perSecond, leastEnd: 10 },
    );
  }

  #listEvents(names: Iterable<string>): void {
    const { store } = this.context;
    for (const name of new Set([...this.#readings.keys(), ...names])) {
      const key = metricKey('perf_events', 'per_sec', name);
      const running = store.snapshot?.perf_events?.events[name]?.running_percent;
      this.#showEvent(name, store.latest(key), running, () => reasonFor(key, store.snapshot));
    }
  }

  #listPast(rows: readonly PastRow[]): void {
    const byName = new Map(rows.map((row) => [String(row.event), row]));
    for (const name of new Set([...this.#readings.keys(), ...byName.keys()])) {
      const { value, elapsed_ms, running_percent } = byName.get(name) ?? {};
      const known = typeof value === 'number' && typeof elapsed_ms === 'number' && elapsed_ms > 0;
      const rate = known ? (value * 1000) / elapsed_ms : undefined;
      const running = typeof running_percent === 'number' ? running_percent : undefined;
      this.#showEvent(name, rate, running, () => 'no count was recorded at this moment');
    }
  }

  #showEvent(
    name: string,
    perSec: number | undefined,
    running: number | undefined,
    reason: () => string,
  ): void {
    const reading = this.#readings.get(name) ?? this.#add(name);
    const isEstimate = running !== undefined && running <= 99.5;
    if (perSec === undefined) reading.showAbsent(reason());
    else if (name === 'cpu-clock') reading.show(`${plain(perSec / 1000)} CPUs`);
    else reading.show(`${isEstimate ? '≈ ' : ''}${perSecond(perSec)}`);
    const title = isEstimate ? `counted ${percent(running)} of the time: an estimate` : name;
    reading.root.parentElement?.parentElement?.setAttribute('title', title);
  }

  #add(name: string): Reading {
    const reading = new Reading();
    this.#readings.set(name, reading);
    const value = element('dd', { 'data-metric': metricKey('perf_events', 'per_sec', name) }, reading.root);
    this.#events.append(element('div', {}, element('dt', {}, name), value));
    return reading;
  }
}

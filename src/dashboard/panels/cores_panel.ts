import { type Buckets, NO_BUCKETS } from '../data/buckets.ts';
import { metricKey } from '../data/metric.ts';
import { HeatMap } from '../drawing/heat_map.ts';
import { TimeSurface } from '../drawing/time_surface.ts';
import { TimeMarks } from '../happenings/time_marks.ts';
import { nearest } from '../kinds/chart_panel.ts';
import { Panel, type PanelContext } from '../kinds/panel.ts';
import { VoidNotes } from '../kinds/void_notes.ts';
import { element } from '../view/element.ts';
import { LiveText } from '../view/live_text.ts';
import { Reading } from '../view/reading.ts';
import type { Range } from '../view/view_state.ts';
import { reasonFor } from '../words/absence.ts';
import { percent, span } from '../words/format.ts';
import { CHOSEN_CORES, chooserOf } from './chosen_panel.ts';

/** Up to here every core has its number beside its row. */
const MOST_NUMBERED = 16;
const ROW_PX = 3;

/** Every core as a row, time from left to right, brighter when busier. */
export class CoresPanel extends Panel {
  readonly #map: HeatMap;
  readonly #voids: VoidNotes;
  readonly #marks: TimeMarks;
  readonly #columns = new LiveText();
  readonly #numbers = element('div', { class: 'core-numbers' });
  readonly #summary = new LiveText();
  readonly #ramp = element(
    'p',
    { class: 'ramp', title: 'Colour scale; no colour means no value' },
    '0 %',
    element('i', { class: 'heat-ramp' }),
    '100 % busy',
    this.#columns.node,
  );
  readonly #readings: Reading[] = [];
  #keys: string[] = [];
  #buckets: Buckets = NO_BUCKETS;
  #range: Range = { from: 0, to: 1 };
  #pointed: number | undefined;

  constructor(context: PanelContext) {
    super(context, { id: 'cores', title: 'Cores', hint: 'Share of time each core was busy' });
    const { view, cursor, theme } = context;
    const surface = new TimeSurface(view, cursor);
    this.#map = new HeatMap(theme, surface);
    this.#voids = new VoidNotes(context, surface.overlay);
    this.#marks = new TimeMarks(context, surface.overlay);
    this.#map.onPoint((core) => {
      this.#pointed = core;
      this.updateText();
    });
    const peak = element('input', { type: 'checkbox' });
    peak.addEventListener('change', () => view.choose('cores', peak.checked ? 'peak' : undefined));
    const label = element(
      'label',
      { class: 'choice', title: 'Colour by the highest sample of each column instead of the mean' },
      peak,
      'peaks',
    );
    view.onChange(() => {
      peak.checked = view.choice('cores') === 'peak';
    });
    peak.checked = view.choice('cores') === 'peak';
    const summary = element('output', { class: 'summary' }, this.#summary.node);
    const chooser = chooserOf(context, CHOSEN_CORES, 'lines');
    this.heading.querySelector('h2')?.after(chooser.button, chooser.box, label);
    this.heading.append(this.#ramp, summary);
    this.#countCores();
    this.offerSaving(true);
    this.root.append(element('div', { class: 'body heat' }, this.#map.root, this.#numbers));
  }

  override get keys(): readonly string[] {
    return this.#keys;
  }

  updateText(): void {
    if (!this.visible) return;
    this.#countCores();
    const value = this.#valueNow();
    for (const [core, reading] of this.#readings.entries()) {
      const usage = value(core);
      if (usage === undefined) reading.showAbsent(this.#reason(core));
      else reading.show(percent(usage));
    }
    this.#summary.set(this.#describe(value));
    this.#voids.tell(this.#buckets, this.#keys, this.#range, this.pixels);
    const { width, times } = this.#buckets;
    const isThinned = times.length > 0 && this.context.timeline.isThinned(width);
    const side = this.context.view.choice('cores') === 'peak' ? 'highest' : 'mean';
    this.#columns.set(isThinned ? ` · ${side} of ${span(width)}` : '');
  }

  protected override get pixels(): number {
    return this.#map.pixels;
  }

  protected override resize(): void {
    this.#map.resize();
  }

  protected override drawChart(range: Range): void {
    this.#countCores();
    this.#range = range;
    this.#buckets = this.context.timeline.buckets(this.#keys, range, this.pixels, this.context.view.live);
    const side = this.context.view.choice('cores') === 'peak' ? 'max' : 'avg';
    this.#map.draw(this.#buckets, this.#keys, side, range);
    this.#marks.show(range);
  }

  #countCores(): void {
    const count = this.context.store.snapshot?.cpu?.per_core.length ?? this.#keys.length;
    if (count === this.#keys.length) return;
    this.#keys = Array.from({ length: count }, (_, core) =>
      metricKey('cpu_core', 'usage_percent', String(core)),
    );
    this.#readings.length = 0;
    this.#numbers.replaceChildren();
    this.#numbers.hidden = count > MOST_NUMBERED;
    if (count > MOST_NUMBERED) this.#map.root.style.minHeight = `${count * ROW_PX}px`;
    else {
      for (let core = 0; core < count; core++) {
        const reading = new Reading();
        this.#readings.push(reading);
        const attributes = { 'data-metric': this.#keys[core], title: `core ${core}` };
        this.#numbers.append(element('div', attributes, reading.root));
      }
    }
    this.invalidate();
  }

  /** Usage by core, now or at the moment pointed at. */
  #valueNow(): (core: number) => number | undefined {
    const { store, cursor, view } = this.context;
    const { share } = cursor;
    if (share === undefined && view.live) return (core) => store.snapshot?.cpu?.per_core[core] ?? undefined;
    const moment = this.#range.from + (share ?? 1) * (this.#range.to - this.#range.from);
    const index = nearest(this.#buckets, moment);
    return (core) => this.#buckets.bands.get(this.#keys[core]!)?.avg[index] ?? undefined;
  }

  #describe(value: (core: number) => number | undefined): string {
    const count = this.#keys.length;
    if (this.#pointed !== undefined && this.#pointed < count) {
      const usage = value(this.#pointed);
      return `core ${this.#pointed}: ${usage === undefined ? 'N/A' : percent(usage)}`;
    }
    const known = this.#keys.flatMap((_, core) => {
      const usage = value(core);
      return usage === undefined ? [] : [{ core, usage }];
    });
    if (known.length === 0) return count === 0 ? this.#reason(0) : 'N/A';
    const busiest = known.reduce((a, b) => (b.usage > a.usage ? b : a));
    const offline = count - known.length;
    const rest = offline === 0 ? '' : `, ${offline} without a value`;
    return `${count} cores${rest}; busiest ${busiest.core}: ${percent(busiest.usage)}`;
  }

  #reason(core: number): string {
    return reasonFor(metricKey('cpu_core', 'usage_percent', String(core)), this.context.store.snapshot);
  }
}

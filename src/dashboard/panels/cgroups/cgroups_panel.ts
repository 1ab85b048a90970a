import { type Buckets, NO_BUCKETS } from '../../data/buckets.ts';
import { metricKey, metricOf } from '../../data/metric.ts';
import { HeatMap } from '../../drawing/heat_map.ts';
import { TimeSurface } from '../../drawing/time_surface.ts';
import { TimeMarks } from '../../happenings/time_marks.ts';
import { nearest } from '../../kinds/chart_panel.ts';
import { Panel, type PanelContext } from '../../kinds/panel.ts';
import { VoidNotes } from '../../kinds/void_notes.ts';
import { element } from '../../view/element.ts';
import { LiveText } from '../../view/live_text.ts';
import { Reading } from '../../view/reading.ts';
import type { Range } from '../../view/view_state.ts';
import { reasonFor } from '../../words/absence.ts';
import { percent } from '../../words/format.ts';
import { CHOSEN_GROUPS, chooserOf } from '../chosen_panel.ts';
import { busiestOf, shortName } from './busiest.ts';

const MOST_ROWS = 12;
/** Which groups are the busiest is found out anew so often. */
const CHOOSE_EVERY_MS = 1_000;

/** The busiest services, containers, pods and users as rows, time from left to right, brighter when busier. */
export class CgroupsPanel extends Panel {
  readonly #map: HeatMap;
  readonly #voids: VoidNotes;
  readonly #marks: TimeMarks;
  readonly #names = element('div', { class: 'group-names' });
  readonly #summary = new LiveText();
  #readings: Reading[] = [];
  #keys: string[] = [];
  #chosenMs = Number.NEGATIVE_INFINITY;
  #buckets: Buckets = NO_BUCKETS;
  #range: Range = { from: 0, to: 1 };
  #pointed: number | undefined;

  constructor(context: PanelContext) {
    super(context, {
      id: 'cgroups',
      title: 'Busiest groups',
      hint: 'CPU time of services, containers, pods and users; darkest is a whole core or more',
      onlyWith: 'cgroups',
    });
    const { view, cursor, theme } = context;
    const words = { label: 'CPU time of the busiest control groups over time', areRowsNumbered: false };
    const surface = new TimeSurface(view, cursor);
    this.#map = new HeatMap(theme, surface, words);
    this.#voids = new VoidNotes(context, surface.overlay);
    this.#marks = new TimeMarks(context, surface.overlay);
    this.#map.onPoint((row) => {
      this.#pointed = row;
      this.updateText();
    });
    const chooser = chooserOf(context, CHOSEN_GROUPS, 'lines');
    this.heading.querySelector('h2')?.after(chooser.button, chooser.box);
    this.offerSaving(true);
    const ramp = element(
      'p',
      { class: 'ramp', title: 'Colour scale; no colour means no value' },
      '0 %',
      element('i', { class: 'heat-ramp' }),
      'a core or more',
    );
    this.heading.append(ramp);
    this.heading.append(element('output', { class: 'summary' }, this.#summary.node));
    this.root.append(element('div', { class: 'body heat' }, this.#map.root, this.#names));
  }

  override get keys(): readonly string[] {
    return this.#keys;
  }

  updateText(): void {
    if (!this.visible) return;
    this.#voids.tell(this.#buckets, this.#keys, this.#range, this.pixels);
    const value = this.#valueNow();
    for (const [row, reading] of this.#readings.entries()) {
      const used = value(this.#keys[row]!);
      if (used === undefined) reading.showAbsent(reasonFor(this.#keys[row]!, this.context.store.snapshot));
      else reading.show(percent(used));
    }
    this.#summary.set(this.#describe(value));
  }

  protected override get pixels(): number {
    return this.#map.pixels;
  }

  protected override resize(): void {
    this.#map.resize();
  }

  protected override drawChart(range: Range): void {
    this.#range = range;
    this.#choose(range);
    this.#buckets = this.context.timeline.buckets(this.#keys, range, this.pixels, this.context.view.live);
    this.#map.draw(this.#buckets, this.#keys, 'avg', range);
    this.#marks.show(range);
  }

  /** Finds out which groups were the busiest in what is looked at. */
  #choose(range: Range): void {
    const nowMs = performance.now();
    if (this.context.view.live && nowMs - this.#chosenMs < CHOOSE_EVERY_MS) return;
    this.#chosenMs = nowMs;
    const { store, timeline, view } = this.context;
    const candidates = [...store.rows.keys].filter(isCpuOfGroup);
    const buckets = timeline.buckets(candidates, range, this.pixels, view.live);
    const keys = busiestOf(buckets, candidates, this.#keys, MOST_ROWS);
    if (keys.join('\n') === this.#keys.join('\n')) return;
    this.#keys = keys;
    this.#readings = keys.map(() => new Reading());
    this.#names.replaceChildren(
      ...keys.map((key, row) =>
        element(
          'div',
          { 'data-metric': key, title: metricOf(key).label },
          element('span', {}, shortName(key)),
          this.#readings[row]!.root,
        ),
      ),
    );
  }

  /** CPU time by series, now or at the moment pointed at. */
  #valueNow(): (key: string) => number | undefined {
    const { store, cursor, view } = this.context;
    const { share } = cursor;
    if (share === undefined && view.live) {
      return (key) => store.snapshot?.cgroups?.groups[metricOf(key).label]?.cpu_percent ?? undefined;
    }
    const moment = this.#range.from + (share ?? 1) * (this.#range.to - this.#range.from);
    const index = nearest(this.#buckets, moment);
    return (key) => this.#buckets.bands.get(key)?.avg[index] ?? undefined;
  }

  #describe(value: (key: string) => number | undefined): string {
    const pointed = this.#pointed === undefined ? undefined : this.#keys[this.#pointed];
    if (pointed !== undefined) {
      const used = value(pointed);
      return `${metricOf(pointed).label}: ${used === undefined ? 'N/A' : percent(used)}`;
    }
    const { snapshot } = this.context.store;
    if (snapshot?.cgroups === undefined) return reasonFor(metricKey('cgroup', 'cpu_percent'), snapshot);
    const groups = Object.keys(snapshot.cgroups.groups).length;
    return groups === 0 ? 'this host has no group that is a service, a container or a user' : `of ${groups}`;
  }
}

function isCpuOfGroup(key: string): boolean {
  return key.startsWith('cgroup|') && key.endsWith('|cpu_percent');
}

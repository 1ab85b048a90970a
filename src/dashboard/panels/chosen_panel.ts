import { Chooser } from '../controls/chooser.ts';
import { Members } from '../controls/members.ts';
import { type MetricKey, metricKey } from '../data/metric.ts';
import { ChartPanel } from '../kinds/chart_panel.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { PanelContext } from '../kinds/panel.ts';
import { colorOf, DASHED, DOTTED } from '../kinds/panel_entry.ts';
import type { Range } from '../view/view_state.ts';
import { percent } from '../words/format.ts';

const COLORS = 8;

/** Things of which some can be drawn as lines. */
export interface Choosable {
  readonly id: string;
  /** Of their choices in the address. */
  readonly prefix: string;
  readonly title: string;
  readonly hint: string;
  readonly noun: string;
  /** Fixed end of the axis, where there is one. */
  readonly end?: number;
  readonly leastEnd?: number;
  key(name: string): MetricKey;
  /** Those there are now. */
  names(context: PanelContext): readonly string[];
}

export const CHOSEN_CORES: Choosable = {
  id: 'chosen-cores',
  prefix: 'core:',
  title: 'Chosen cores',
  hint: 'Share of time each of these cores was busy',
  noun: 'core',
  end: 100,
  key: (name) => metricKey('cpu_core', 'usage_percent', name),
  names: ({ store }) => (store.snapshot?.cpu?.per_core ?? []).map((_, core) => String(core)),
};

export const CHOSEN_GROUPS: Choosable = {
  id: 'chosen-groups',
  prefix: 'group:',
  title: 'Chosen groups',
  hint: 'CPU time of each of these groups, as a share of one core',
  noun: 'group',
  leastEnd: 10,
  key: (name) => metricKey('cgroup', 'cpu_percent', name),
  names: ({ store }) => Object.keys(store.snapshot?.cgroups?.groups ?? {}),
};

/** Some of many things as lines, beside the heat map of all; on the page while any is chosen. */
export class ChosenPanel extends ChartPanel {
  readonly #what: Choosable;
  readonly #members: Members;
  #shown = '';

  constructor(context: PanelContext, what: Choosable) {
    const { id, title, hint, end, leastEnd } = what;
    super(context, {
      id,
      title,
      hint,
      kind: 'lines',
      format: percent,
      entries: [],
      ...(end !== undefined && { end: () => end }),
      ...(leastEnd !== undefined && { leastEnd }),
    });
    this.#what = what;
    this.#members = new Members(context.view, id, what.prefix);
    const chooser = chooserOf(context, what, 'choose');
    this.heading.querySelector('h2')?.after(chooser.button, chooser.box);
    context.view.onChange(() => this.#show());
    this.#show();
  }

  override settle(): void {
    super.settle();
    this.root.hidden = this.#members.chosen.length === 0;
  }

  protected override drawChart(range: Range): void {
    this.#show();
    super.drawChart(range);
  }

  #show(): void {
    const { chosen } = this.#members;
    const shown = chosen.join('\n');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.root.hidden = chosen.length === 0;
    this.reconsider({ entries: chosen.map((name, index) => entryOf(this.#what, name, index)) });
  }
}

/** Chooses which of these things are drawn as lines. */
export function chooserOf(context: PanelContext, what: Choosable, text: string): Chooser {
  const members = new Members(context.view, what.id, what.prefix);
  const chooser = new Chooser(`Draw each ${what.noun} as a line`, {
    offer: () => {
      // What was chosen in the past may be no more.
      const names = new Set([...what.names(context), ...members.chosen]);
      return [...names].map((name) => ({ id: name, label: `${what.noun} ${name}`, kind: what.prefix }));
    },
    isChosen: ({ id }) => members.chosen.includes(id),
    choose: ({ id }) => members.toggle(id),
  });
  chooser.tell(text);
  return chooser;
}

function entryOf({ key, noun }: Choosable, name: string, index: number): LegendEntry {
  const dash = [undefined, DASHED, DOTTED][Math.floor(index / COLORS) % 3];
  return {
    key: key(name),
    label: noun === 'core' ? `core ${name}` : name,
    format: percent,
    color: colorOf(index),
    ...(dash !== undefined && { dash }),
  };
}

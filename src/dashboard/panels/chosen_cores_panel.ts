import { Chooser } from '../controls/chooser.ts';
import { Members } from '../controls/members.ts';
import { metricKey } from '../data/metric.ts';
import { ChartPanel } from '../kinds/chart_panel.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { PanelContext } from '../kinds/panel.ts';
import { colorOf, DASHED, DOTTED } from '../kinds/panel_entry.ts';
import type { Range } from '../view/view_state.ts';
import { percent } from '../words/format.ts';

const ID = 'chosen-cores';
const PREFIX = 'core:';
const COLORS = 8;

/** Some cores as lines, beside the heat map of all; on the page while any is chosen. */
export class ChosenCoresPanel extends ChartPanel {
  readonly #members: Members;
  #shown = '';

  constructor(context: PanelContext) {
    super(context, {
      id: ID,
      title: 'Chosen cores',
      hint: 'Share of time each of these cores was busy',
      kind: 'lines',
      format: percent,
      end: () => 100,
      entries: [],
    });
    this.#members = new Members(context.view, ID, PREFIX);
    const chooser = coreChooser(context);
    chooser.tell('choose');
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
    this.reconsider({ entries: chosen.map(entryOf) });
  }
}

/** Chooses which cores are drawn as lines. */
export function coreChooser({ view, store }: PanelContext): Chooser {
  const members = new Members(view, ID, PREFIX);
  return new Chooser('Cores to draw as lines', {
    offer: () =>
      (store.snapshot?.cpu?.per_core ?? []).map((_, core) => ({
        id: String(core),
        label: `core ${core}`,
        kind: PREFIX,
      })),
    isChosen: ({ id }) => members.chosen.includes(id),
    choose: ({ id }) => members.toggle(id),
  });
}

function entryOf(core: string, index: number): LegendEntry {
  const dash = [undefined, DASHED, DOTTED][Math.floor(index / COLORS) % 3];
  return {
    key: metricKey('cpu_core', 'usage_percent', core),
    label: `core ${core}`,
    format: percent,
    color: colorOf(index),
    ...(dash !== undefined && { dash }),
  };
}

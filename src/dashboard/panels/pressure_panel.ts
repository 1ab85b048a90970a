import { metricKey } from '../data/metric.ts';
import type { LegendEntry } from '../kinds/legend.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { DASHED, DOTTED } from '../kinds/panel_entry.ts';
import { type Variant, VariantPanel } from '../kinds/variant_panel.ts';
import { percent } from '../words/format.ts';

export function pressurePanel(context: PanelContext): Panel {
  const one = (resource: string, side: 'some' | 'full', drawn: Pick<LegendEntry, 'color' | 'dash'> = {}) => ({
    key: metricKey('pressure', `${side}_percent`, resource),
    label: drawn.color === undefined ? `${resource} ${side}` : resource,
    format: percent,
    hint: side === 'some' ? 'at least one task waited' : 'all tasks with something to do waited',
    ...drawn,
  });
  const variant = (side: 'some' | 'full', other: 'some' | 'full'): Variant => ({
    id: side,
    label: side === 'some' ? 'some tasks wait' : 'all tasks wait',
    format: percent,
    leastEnd: 1,
    entries: [
      one('cpu', side, { color: 'series-1' }),
      one('memory', side, { color: 'series-2', dash: DASHED }),
      one('io', side, { color: 'series-3', dash: DOTTED }),
      one('cpu', other),
      one('memory', other),
      one('io', other),
    ].filter(({ key }) => key !== metricKey('pressure', 'full_percent', 'cpu')),
  });
  const options = {
    id: 'pressure',
    title: 'Pressure',
    hint: 'Share of time tasks waited for a resource',
    onlyWith: 'pressure',
  };
  const variants = [variant('some', 'full'), variant('full', 'some')];
  return new VariantPanel(context, options, () => variants);
}

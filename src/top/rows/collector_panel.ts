import type { CollectorData } from '../../model/snapshot.ts';
import type { Moment, View } from '../view/view.ts';
import { type Panel, RANK, type Row } from './panel.ts';
import { missingRow } from './rows.ts';

/** How one of what a panel lists is shown alone. */
export interface ItemRows<T> {
  /** In the order they are listed. */
  names(data: T): readonly string[];
  rows(view: View, data: T, name: string, width: number): Row[];
}

/** A panel of one collector: its rows where there is data, else the reason why there is none. */
export function collectorPanel<N extends keyof CollectorData>(
  title: string,
  name: N,
  rowsOf: (view: View, data: CollectorData[N], width: number) => Row[],
  items?: ItemRows<CollectorData[N]>,
): Panel {
  return {
    title,
    ...(items !== undefined && {
      items(moment: Moment) {
        const part = moment.part(name);
        return 'missing' in part ? [] : items.names(part.data);
      },
    }),
    isPresent: (moment: Moment) => moment.has(name),
    isLate(moment: Moment) {
      const part = moment.part(name);
      return 'late' in part && part.late;
    },
    rows(view, moment, width) {
      const part = moment.part(name);
      if ('missing' in part) return [missingRow(RANK.essential, '', part.missing, width)];
      const { item } = view;
      if (items === undefined || item?.panel !== title) return rowsOf(view, part.data, width);
      if (items.names(part.data).includes(item.name)) return items.rows(view, part.data, item.name, width);
      return [missingRow(RANK.essential, '', `there is no ${item.name} at this moment`, width)];
    },
  };
}

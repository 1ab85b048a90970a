import type { CollectorData } from '../../model/snapshot.ts';
import type { Moment, View } from '../view/view.ts';
import { type Panel, RANK, type Row } from './panel.ts';
import { missingRow } from './rows.ts';

/** A panel of one collector: its rows where there is data, else the reason why there is none. */
export function collectorPanel<N extends keyof CollectorData>(
  title: string,
  name: N,
  rowsOf: (view: View, data: CollectorData[N], width: number) => Row[],
): Panel {
  return {
    title,
    isPresent: (moment: Moment) => moment.has(name),
    isLate(moment: Moment) {
      const part = moment.part(name);
      return 'late' in part && part.late;
    },
    rows(view, moment, width) {
      const part = moment.part(name);
      if ('missing' in part) return [missingRow(RANK.essential, '', part.missing, width)];
      return rowsOf(view, part.data, width);
    },
  };
}

import { isCollectorName } from '../../model/collectors.ts';
import { type Panel, RANK } from '../rows/panel.ts';
import { type Figure, figureRows, missingRow } from '../rows/rows.ts';
import type { Moment } from '../view/view.ts';

const LONGEST_TITLE = 8;

/** Panels of collectors the user brought: nothing is known of them but their figures. */
export function customPanels({ snapshot }: Moment): Panel[] {
  return Object.keys(snapshot.sampling.collectors)
    .filter((name) => !isCollectorName(name))
    .map(customPanel);
}

function customPanel(name: string): Panel {
  return {
    title: name.slice(0, LONGEST_TITLE).toUpperCase(),
    isPresent: () => true,
    isLate: (moment) => {
      const part = moment.part(name);
      return 'late' in part && part.late;
    },
    rows(_view, moment, width) {
      const part = moment.part(name);
      if ('missing' in part) return [missingRow(RANK.main, '', part.missing, width)];
      return figureRows(RANK.main, RANK.more, figuresOf(part.data, ''), width);
    },
  };
}

/** Every number, by its path within the data. */
function figuresOf(data: unknown, path: string): Figure[] {
  if (typeof data === 'number') return [{ label: path, value: String(Number(data.toPrecision(6))) }];
  if (data === null) return [{ label: path, value: 'N/A' }];
  if (typeof data !== 'object') return [];
  return Object.entries(data).flatMap(([key, value]) =>
    figuresOf(value, path === '' ? key : `${path}.${key}`),
  );
}

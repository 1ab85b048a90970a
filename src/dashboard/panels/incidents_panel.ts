import type { Incident } from '../../client/index.ts';
import { secondsOf } from '../happenings/happenings.ts';
import { goTo } from '../happenings/time_marks.ts';
import type { Panel, PanelContext } from '../kinds/panel.ts';
import { TablePanel } from '../kinds/table_panel.ts';
import { moment, plain, span } from '../words/format.ts';

/** What is older is found by hzstat incidents, and by SQL. */
const MOST_ROWS = 100;

/** What happened, to jump to from. */
export function incidentsPanel(context: PanelContext): Panel {
  const { happenings, view } = context;
  const ids = new Map<string, string>();
  const labelOf = ({ id, began, watch }: Incident): string => {
    const label = `${moment(secondsOf(began), 0.1)} ${watch}`;
    ids.set(label, id);
    return label;
  };
  return new TablePanel<Incident>(context, {
    id: 'incidents',
    title: 'Incidents',
    hint: 'What the watches have noticed, the newest first; click one to see it and who did it',
    size: 'wide',
    labelTitle: 'began',
    leavesWhenEmpty: true,
    rows: () => happenings.incidents.slice(0, MOST_ROWS).map((incident) => [labelOf(incident), incident]),
    empty: () => 'nothing has happened',
    describe: ({ message }) => message,
    isChosen: (label) => ids.get(label) !== undefined && ids.get(label) === view.choice('incident'),
    onChoose: (label) => {
      const id = ids.get(label);
      if (id !== undefined) goTo(context, id);
    },
    columns: [
      {
        title: 'lasted',
        format: span,
        value: ({ began, ended }) =>
          ended === null ? 'it goes on' : Math.max(0.001, secondsOf(ended) - secondsOf(began)),
      },
      {
        title: 'peak',
        hint: 'the worst value, in the unit of the field',
        format: plain,
        value: ({ peak }) => peak,
      },
      { title: 'field', format: plain, value: () => undefined, text: ({ field }) => field },
      { title: 'who', format: plain, value: () => undefined, text: ({ who }) => who ?? 'nobody stands out' },
    ],
  });
}

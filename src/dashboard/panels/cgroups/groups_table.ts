import type { CgroupData } from '../../../client/index.ts';
import { Members } from '../../controls/members.ts';
import { metricKey } from '../../data/metric.ts';
import type { PanelContext } from '../../kinds/panel.ts';
import { type TableColumn, TablePanel } from '../../kinds/table_panel.ts';
import { reasonFor, troubleOf } from '../../words/absence.ts';
import { bytes, bytesPerSecond, count, percent } from '../../words/format.ts';
import { CHOSEN_GROUPS } from '../chosen_panel.ts';

/** A row as a snapshot has it or as it was recorded: figures by field. */
type Figures = Readonly<Record<string, unknown>>;

type NumberOfGroup = {
  [F in keyof CgroupData]-?: CgroupData[F] extends number | undefined ? F : never;
}[keyof CgroupData];

/** What the table shows, in its order; sorted by the first unless somebody presses another head. */
const COLUMNS = [
  { title: 'CPU', hint: 'share of one core', field: 'cpu_percent', format: percent, full: 100 },
  {
    title: 'throttled',
    hint: 'periods in which the quota was used up',
    field: 'throttled_percent',
    format: percent,
    full: 100,
  },
  { title: 'memory', hint: 'page cache included', field: 'memory_bytes', format: bytes },
  { title: 'read', field: 'read_bytes_per_sec', format: bytesPerSecond },
  { title: 'written', field: 'write_bytes_per_sec', format: bytesPerSecond },
  {
    title: 'CPU wait',
    hint: 'time some task waited for a CPU',
    field: 'cpu_pressure_some_percent',
    format: percent,
  },
  {
    title: 'I/O wait',
    hint: 'time some task waited for I/O',
    field: 'io_pressure_some_percent',
    format: percent,
  },
  { title: 'tasks', hint: 'processes and threads', field: 'tasks', format: count },
] as const satisfies readonly (Pick<TableColumn<Figures>, 'title' | 'hint' | 'format' | 'full'> & {
  readonly field: NumberOfGroup;
})[];

/** Rows beyond these are few pixels' worth of idle groups, and a node may have thousands. */
const MOST_ROWS = 100;

/** Every group, the busiest first unless another head is pressed. */
export class GroupsTable extends TablePanel<Figures> {
  constructor(context: PanelContext) {
    const { view, store } = context;
    const chosen = new Members(view, CHOSEN_GROUPS.id, CHOSEN_GROUPS.prefix);
    super(context, {
      id: 'groups',
      size: 'wide',
      title: 'Groups',
      hint: 'Services, containers, pods and users by their control groups',
      onlyWith: 'cgroups',
      labelTitle: 'group',
      firstOrder: '-CPU',
      mostRows: MOST_ROWS,
      rows: () =>
        Object.entries(store.snapshot?.cgroups?.groups ?? {}).map(([name, group]) => [name, { ...group }]),
      recorded: { table: 'cgroup', row: (past) => [String(past.cgroup), past] },
      empty: () => {
        const { snapshot } = store;
        const otherwise = 'this host has no group that is a service, a container or a user';
        if (!view.live) return 'none was recorded at this moment';
        if (snapshot === undefined) return 'no snapshot has arrived yet';
        return troubleOf('cgroups', snapshot.sampling.collectors.cgroups) ?? otherwise;
      },
      describe: ({ kind }) => [kind, 'click to draw it'].filter((one) => typeof one === 'string').join('; '),
      isChosen: (label) => chosen.chosen.includes(label),
      onChoose: (label) => chosen.toggle(label),
      columns: COLUMNS.map(({ field, ...column }) => ({
        ...column,
        value: (row) => {
          const value = row[field];
          return typeof value === 'number'
            ? value
            : reasonFor(metricKey('cgroup', field, ' '), store.snapshot);
        },
      })),
    });
  }
}

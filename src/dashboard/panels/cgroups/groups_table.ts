import type { CgroupData } from '../../../client/index.ts';
import { metricKey } from '../../data/metric.ts';
import type { PanelContext } from '../../kinds/panel.ts';
import { type TableColumn, TablePanel } from '../../kinds/table_panel.ts';
import { element } from '../../view/element.ts';
import { reasonFor, troubleOf } from '../../words/absence.ts';
import { bytes, bytesPerSecond, count, percent } from '../../words/format.ts';

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
] as const satisfies readonly (Pick<TableColumn<CgroupData>, 'title' | 'hint' | 'format' | 'full'> & {
  readonly field: NumberOfGroup;
})[];

/** Rows beyond these are few pixels' worth of idle groups, and a node may have thousands. */
const MOST_ROWS = 100;
/** Rows change places so often at most: what moves all the time cannot be read. */
const SORT_EVERY_MS = 1_000;

/** What a table is sorted by. */
interface Order {
  /** Place of a column; -1 is the name. */
  column: number;
  isDescending: boolean;
}

/** Every group, sorted by the column whose head is pressed. */
export class GroupsTable extends TablePanel<CgroupData> {
  readonly #order: Order;

  constructor(context: PanelContext) {
    const order: Order = { column: 0, isDescending: true };
    const sorted = new SortedGroups(order);
    super(context, {
      id: 'groups',
      title: 'Groups',
      hint: 'Services, containers, pods and users by their control groups',
      onlyWith: 'cgroups',
      labelTitle: 'group',
      rows: () => sorted.rows(context.store.snapshot?.cgroups?.groups ?? {}),
      empty: () => {
        const { snapshot } = context.store;
        const otherwise = 'this host has no group that is a service, a container or a user';
        if (snapshot === undefined) return 'no snapshot has arrived yet';
        return troubleOf('cgroups', snapshot.sampling.collectors.cgroups) ?? otherwise;
      },
      describe: ({ kind }) => kind,
      columns: COLUMNS.map(({ field, ...column }) => ({
        ...column,
        value: (row) => row[field] ?? reasonFor(metricKey('cgroup', field, ' '), context.store.snapshot),
      })),
    });
    this.#order = order;
    for (const [place, head] of [...this.root.querySelectorAll('thead th')].entries()) {
      const title = head.textContent;
      const press = element(
        'button',
        { type: 'button', class: 'row-name', title: `sort by ${title}` },
        title,
      );
      press.addEventListener('click', () => {
        this.#sortBy(place - 1);
        sorted.sortAgain();
        this.updateText();
      });
      head.replaceChildren(press);
    }
    this.#markHeads();
  }

  #sortBy(column: number): void {
    const order = this.#order;
    // Numbers begin with the largest, names with the first.
    order.isDescending = order.column === column ? !order.isDescending : column >= 0;
    order.column = column;
    this.#markHeads();
  }

  #markHeads(): void {
    const { column, isDescending } = this.#order;
    for (const [place, head] of [...this.root.querySelectorAll('thead th')].entries()) {
      if (place - 1 === column) head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
  }
}

/** The groups in an order that is kept for a second. */
class SortedGroups {
  readonly #order: Order;
  #names: readonly string[] = [];
  #sortedMs = Number.NEGATIVE_INFINITY;

  constructor(order: Order) {
    this.#order = order;
  }

  sortAgain(): void {
    this.#sortedMs = Number.NEGATIVE_INFINITY;
  }

  rows(groups: Readonly<Record<string, CgroupData>>): [string, CgroupData][] {
    const nowMs = performance.now();
    if (nowMs - this.#sortedMs >= SORT_EVERY_MS) {
      this.#sortedMs = nowMs;
      this.#names = sortedNames(groups, this.#order).slice(0, MOST_ROWS);
    }
    return this.#names.flatMap((name) => {
      const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
      return group === undefined ? [] : [[name, group] as [string, CgroupData]];
    });
  }
}

/** What has no number in that column comes last, either way. */
function sortedNames(
  groups: Readonly<Record<string, CgroupData>>,
  { column, isDescending }: Order,
): string[] {
  const field = COLUMNS[column]?.field;
  const sign = isDescending ? -1 : 1;
  return Object.entries(groups)
    .sort(([nameA, a], [nameB, b]) => {
      const byName = nameA.localeCompare(nameB, 'en', { numeric: true });
      if (field === undefined) return sign * byName;
      const [numberA, numberB] = [a[field], b[field]];
      if (numberA === undefined || numberB === undefined)
        return Number(numberA === undefined) - Number(numberB === undefined) || byName;
      return sign * (numberA - numberB) || byName;
    })
    .map(([name]) => name);
}

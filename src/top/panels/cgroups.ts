import type { CgroupData } from '../../model/snapshot.ts';
import { STYLE, type Style } from '../drawing/style.ts';
import { byteRate, bytes, count, percent } from '../figures/format.ts';
import { collectorPanel } from '../rows/collector_panel.ts';
import { itemRank, RANK, type Row } from '../rows/panel.ts';
import { figuresRow, itemChartRow, nameCell, nameCells } from '../rows/rows.ts';
import type { View } from '../view/view.ts';

const WIDEST_NAME = 28;

/** The busiest services, containers, pods and users, and what holds them back. */
export const cgroupsPanel = collectorPanel(
  'CGROUPS',
  'cgroups',
  (view, { groups }) => [
    figuresRow(RANK.detail, [{ label: 'groups', value: String(Object.keys(groups).length) }]),
    ...groupRows(view, groups),
  ],
  {
    names: ({ groups }) => sorted(groups).map(([name]) => name),
    rows: (view, { groups }, name) => {
      const data = groups[name];
      return data === undefined ? [] : groupAlone(view, name, data);
    },
  },
);

/** What one group uses and waits for. */
function groupAlone(view: View, name: string, data: CgroupData): Row[] {
  const chart = (label: string, field: keyof CgroupData, format: typeof byteRate, style: Style): Row =>
    itemChartRow(view, label, data, ['cgroups', 'groups', name, field], format, style);
  const { throttled_percent, cpu_pressure_some_percent, tasks, oom_kills } = data;
  return [
    figuresRow(RANK.essential, [{ label: 'group', value: name }]),
    chart('cpu', 'cpu_percent', percent, STYLE.plain),
    ...(throttled_percent === undefined
      ? []
      : [chart('throttled', 'throttled_percent', percent, STYLE.warning)]),
    ...(cpu_pressure_some_percent === undefined
      ? []
      : [chart('waits', 'cpu_pressure_some_percent', percent, STYLE.plain)]),
    chart('memory', 'memory_bytes', bytes, STYLE.plain),
    chart('read', 'read_bytes_per_sec', byteRate, STYLE.inbound),
    chart('write', 'write_bytes_per_sec', byteRate, STYLE.outbound),
    figuresRow(RANK.main, [
      { label: 'user', value: percent(data.user_percent) },
      { label: 'system', value: percent(data.system_percent) },
      { label: 'tasks', value: count(tasks) },
      { label: 'OOM kills', value: count(oom_kills) },
    ]),
  ];
}

function sorted(groups: Readonly<Record<string, CgroupData>>): [string, CgroupData][] {
  return Object.entries(groups).sort(
    ([nameA, a], [nameB, b]) => busy(b) - busy(a) || (nameA < nameB ? -1 : 1),
  );
}

function groupRows({ glyphs }: View, groups: Readonly<Record<string, CgroupData>>): Row[] {
  const cells = nameCells(Object.keys(groups), WIDEST_NAME);
  return sorted(groups).map(([name, data], index) => ({
    rank: itemRank(index),
    item: true,
    name,
    draw(region) {
      let x = region.text(0, 0, nameCell(name, false, cells, glyphs));
      x = region.text(x, 0, 'cpu');
      x = region.text(x, 0, percent(data.cpu_percent), STYLE.value) + 1;
      x = region.text(x, 0, 'mem') + 1;
      x = region.text(x, 0, bytes(data.memory_bytes), STYLE.value) + 1;
      const isTold = data.read_bytes_per_sec !== undefined || data.write_bytes_per_sec !== undefined;
      const transfers = `rd ${byteRate(data.read_bytes_per_sec)} wr ${byteRate(data.write_bytes_per_sec)}`;
      if (isTold && x + transfers.length <= region.width) x = region.text(x, 0, transfers) + 1;
      const { throttled_percent = 0 } = data;
      const held = `! throttled ${percent(throttled_percent).trim()}`;
      if (throttled_percent > 0 && x + held.length <= region.width) region.text(x, 0, held, STYLE.warning);
    },
  }));
}

/** To whole percent, so that what does about as much as the next does not change places with it all the time. */
function busy({ cpu_percent = 0 }: CgroupData): number {
  return Math.round(cpu_percent);
}

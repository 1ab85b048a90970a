import type { CgroupData } from '../../model/snapshot.ts';
import { STYLE } from '../drawing/style.ts';
import { byteRate, bytes, percent } from '../figures/format.ts';
import type { View } from '../view/view.ts';
import { collectorPanel } from './collector_panel.ts';
import { itemRank, RANK, type Row } from './panel.ts';
import { figuresRow, nameCell, nameCells } from './rows.ts';

const WIDEST_NAME = 28;

/** The busiest services, containers, pods and users, and what holds them back. */
export const cgroupsPanel = collectorPanel('CGROUPS', 'cgroups', (view, { groups }) => [
  figuresRow(RANK.detail, [{ label: 'groups', value: String(Object.keys(groups).length) }]),
  ...groupRows(view, groups),
]);

function groupRows({ glyphs }: View, groups: Readonly<Record<string, CgroupData>>): Row[] {
  const sorted = Object.entries(groups).sort(
    ([nameA, a], [nameB, b]) => busy(b) - busy(a) || (nameA < nameB ? -1 : 1),
  );
  const cells = nameCells(
    sorted.map(([name]) => name),
    WIDEST_NAME,
  );
  return sorted.map(([name, data], index) => ({
    rank: itemRank(index),
    item: true,
    draw(region) {
      let x = region.text(0, 0, nameCell(name, false, cells, glyphs));
      x = region.text(x, 0, 'cpu');
      x = region.text(x, 0, percent(data.cpu_percent), STYLE.value) + 1;
      x = region.text(x, 0, 'mem') + 1;
      x = region.text(x, 0, bytes(data.memory_bytes), STYLE.value) + 1;
      const transfers = `rd ${byteRate(data.read_bytes_per_sec)} wr ${byteRate(data.write_bytes_per_sec)}`;
      if (x + transfers.length <= region.width) x = region.text(x, 0, transfers) + 1;
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

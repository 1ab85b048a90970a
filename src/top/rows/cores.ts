import { bar } from '../drawing/bar.ts';
import type { Region } from '../drawing/region.ts';
import { level } from '../drawing/sparkline.ts';
import { fillStyle, STYLE } from '../drawing/style.ts';
import type { View } from '../view/view.ts';
import { RANK, type Row } from './panel.ts';
import { LABEL_CELLS } from './rows.ts';

const BAR_CELLS = 18;
/** Bars in more lines than this are given up for a strip unless asked for. */
const MOST_BAR_LINES = 2;

type Cores = readonly (number | null)[];

/** Every core: as bars where that takes few lines or was asked for, else one glyph each. */
export function coreRows(view: View, cores: Cores, width: number): Row[] {
  const perLine = Math.max(1, Math.floor((width + 1) / (BAR_CELLS + 1)));
  const lines = Math.ceil(cores.length / perLine);
  const asBars = view.cores === 'bars' || (view.cores === 'fitting' && lines <= MOST_BAR_LINES);
  return asBars ? barRows(view, cores, perLine) : stripRows(view, cores, width);
}

function barRows(view: View, cores: Cores, perLine: number): Row[] {
  const rows: Row[] = [];
  for (let first = 0; first < cores.length; first += perLine) {
    const line = first / perLine;
    rows.push({
      rank: line < MOST_BAR_LINES ? RANK.main : RANK.item + line / 1_000,
      item: true,
      draw(region) {
        const cells = Math.floor((region.width + 1) / perLine) - 1;
        for (const [offset, usage] of cores.slice(first, first + perLine).entries()) {
          drawCore(view, region.part(offset * (cells + 1), 0, cells), first + offset, usage);
        }
      },
    });
  }
  return rows;
}

function drawCore({ glyphs }: View, region: Region, core: number, usage: number | null): void {
  const from = region.text(0, 0, String(core).padStart(3));
  if (usage === null) {
    region.text(from + 1, 0, 'offline', STYLE.faint);
    return;
  }
  const cells = Math.max(0, region.width - from - 2 - 5);
  const x = region.text(from, 0, glyphs.open, STYLE.faint);
  region.text(x, 0, bar(usage, cells, glyphs), fillStyle(usage));
  region.text(x + cells, 0, glyphs.close, STYLE.faint);
  region.textRight(0, `${usage.toFixed(0).padStart(3)}%`, STYLE.value);
}

function stripRows({ glyphs }: View, cores: Cores, width: number): Row[] {
  const cells = Math.max(1, width - LABEL_CELLS);
  const rows: Row[] = [];
  for (let first = 0; first < cores.length; first += cells) {
    rows.push({
      rank: first === 0 ? RANK.main : RANK.detail,
      draw(region) {
        region.text(0, 0, first === 0 ? `${cores.length} cores` : '');
        for (const [offset, usage] of cores.slice(first, first + cells).entries()) {
          if (usage === null) region.text(LABEL_CELLS + offset, 0, 'x', STYLE.faint);
          else region.text(LABEL_CELLS + offset, 0, level(usage, glyphs), fillStyle(usage));
        }
      },
    });
  }
  rows.push({ rank: RANK.detail, draw: (region) => drawBusiest(region, cores) });
  return rows;
}

/** What the strip cannot say in numbers. */
function drawBusiest(region: Region, cores: Cores): void {
  let busiest = -1;
  let above = 0;
  let offline = 0;
  for (const [core, usage] of cores.entries()) {
    if (usage === null) offline++;
    else {
      if (usage >= 90) above++;
      if (busiest < 0 || usage > (cores[busiest] ?? 0)) busiest = core;
    }
  }
  if (busiest < 0) return;
  const most = `busiest: core ${busiest} at ${(cores[busiest] ?? 0).toFixed(0)} %, ${above} at 90 % or more`;
  region.text(LABEL_CELLS, 0, offline === 0 ? most : `${most}, ${offline} offline (x)`, STYLE.faint);
}

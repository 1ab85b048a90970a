import { formatDurationMs } from '../base/units.ts';
import type { Grid } from './drawing/grid.ts';
import type { Hits } from './drawing/hits.ts';
import { fitted } from './drawing/plain_text.ts';
import { Region } from './drawing/region.ts';
import { STYLE, type Style } from './drawing/style.ts';
import { drawHelp } from './help.ts';
import { drawPanels } from './layout/body.ts';
import { PANELS } from './panels/all.ts';
import { customPanels } from './panels/custom.ts';
import { incidentsPanel } from './panels/incidents.ts';
import type { Panel } from './rows/panel.ts';
import type { Target } from './view/target.ts';
import type { View } from './view/view.ts';

const KEYS = 'q quit  p pause  1 cores  w window  tab panel  ? help  i item  pgup back  end live';

/**
 * Draws a whole frame: a line that says what is seen, the panels, a line of keys.
 *
 * @param hits is told what lies where
 */
export function drawScreen(grid: Grid, view: View, hits?: Hits<Target>): void {
  grid.clear();
  hits?.clear();
  const screen = new Region(grid, 0, 0, grid.width, grid.height);
  const body = screen.part(0, 1, screen.width, screen.height - 2);
  let leftOut: Panel[] = [];
  if (view.help) drawHelp(body, view.glyphs);
  else if (view.moment === undefined) body.text(0, 1, 'waiting for the first snapshot', STYLE.faint);
  else leftOut = drawPanels(body, visiblePanels(view), view, view.moment, hits);
  drawHeader(screen, view, hits);
  if (screen.height > 1) drawFooter(screen.part(0, screen.height - 1), view, leftOut, hits);
}

/** The panels there are to choose from for what the sampler has. */
export function presentPanels(view: View): readonly Panel[] {
  const { moment } = view;
  if (moment === undefined) return [];
  const incidents = incidentsPanel(view.incidents, moment);
  const known = PANELS.filter((panel) => panel.isPresent(moment));
  return [...(incidents === undefined ? [] : [incidents]), ...known, ...customPanels(moment)];
}

function visiblePanels(view: View): readonly Panel[] {
  const present = presentPanels(view);
  const focused = present.filter(({ title }) => title === view.focus);
  return focused.length > 0 ? focused : present;
}

function drawHeader(screen: Region, view: View, hits: Hits<Target> | undefined): void {
  const { text, style } = stateOf(view);
  const time = view.moment === undefined ? '' : ` ${clockOf(view.moment.snapshot.timestamp)}`;
  const right = `${text}${time}`;
  const x = screen.text(0, 0, 'hzstat', STYLE.title) + 1;
  const room = screen.width - x - right.length - 1;
  const interval = view.moment?.snapshot.sampling.interval_ms;
  const sampled = interval === undefined ? '' : `, every ${formatDurationMs(interval)}`;
  if (room > 0) screen.text(x, 0, fitted(`${view.origin}${sampled}`, room, view.glyphs.ellipsis));
  const at = Math.max(0, screen.width - right.length);
  screen.text(screen.text(at, 0, text, style), 0, time);
  hits?.add(screen.part(at, 0, right.length, 1), keyTarget(view.agoMs === undefined ? 'p' : 'end'));
}

function clockOf(timestamp: string): string {
  return `${timestamp.slice(11, 21)} UTC`;
}

function stateOf(view: View): { text: string; style: Style } {
  const { link } = view;
  if (link.state === 'lost') {
    const seconds = Math.max(0, Math.ceil((link.retryAtMs - view.nowMs) / 1_000));
    return { text: `CONNECTION LOST, next try in ${seconds} s`, style: STYLE.bad };
  }
  if (view.agoMs !== undefined) return { text: `${durationText(view.agoMs)} AGO`, style: STYLE.reversed };
  if (view.paused) return { text: 'PAUSED', style: STYLE.reversed };
  if (view.silentMs !== undefined) {
    return { text: `SILENT for ${(view.silentMs / 1_000).toFixed(0)} s`, style: STYLE.bad };
  }
  if (link.state === 'connecting') return { text: 'connecting', style: STYLE.warning };
  return view.moment === undefined
    ? { text: 'starting', style: STYLE.warning }
    : { text: 'LIVE', style: STYLE.good };
}

/** The key of a word of the footer, as Node's readline tells it. */
function keyTarget(word: string): Target {
  const name = word === 'pgup' ? 'pageup' : word;
  return { kind: 'key', key: { name, sequence: word } };
}

/** A time since then, such as `12.3 s` or `3 min 12 s`. */
function durationText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function drawFooter(
  line: Region,
  view: View,
  leftOut: readonly Panel[],
  hits: Hits<Target> | undefined,
): void {
  const notes: string[] = [];
  if (view.link.state === 'lost') notes.push(view.link.reason);
  else if (view.notice !== undefined) notes.push(view.notice);
  if (leftOut.length > 0) notes.push(`no room for ${leftOut.map(({ title }) => title).join(', ')}`);
  if (view.focus !== undefined) notes.push(`only ${view.item?.name ?? view.focus}`);
  if (view.agoMs !== undefined) notes.push(`kept: ${durationText(view.past.newestMs - view.past.oldestMs)}`);
  notes.push(`a column is ${formatDurationMs(view.columnMs)}`);
  const right = fitted(notes.join(', '), Math.min(line.width, notes.join(', ').length), view.glyphs.ellipsis);
  const room = line.width - right.length - 2;
  // Whole keys only: half a key's name helps nobody.
  let keys = KEYS;
  while (keys.length > room && keys !== '') keys = keys.slice(0, Math.max(0, keys.lastIndexOf('  ')));
  line.text(0, 0, keys, STYLE.faint);
  let left = 0;
  for (const key of keys.split('  ')) {
    const [name = ''] = key.split(' ');
    hits?.add(line.part(left, 0, key.length, 1), keyTarget(name));
    left += key.length + 2;
  }
  line.textRight(0, right, view.link.state === 'lost' ? STYLE.warning : STYLE.faint);
}

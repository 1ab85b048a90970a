import type { Incident } from '../../model/incidents/incident.ts';
import { fitted } from '../drawing/plain_text.ts';
import { STYLE } from '../drawing/style.ts';
import { itemRank, type Panel, RANK, type Row } from '../rows/panel.ts';
import type { Moment, View } from '../view/view.ts';

/** What is older is no news; "hzstat incidents" has it. */
const RECENT_MS = 600_000;
const LASTED_CELLS = 9;
const MINUTES_FROM_MS = 100_000;

/** What happened in the minutes before, the newest first; undefined where nothing did. */
export function incidentsPanel(incidents: readonly Incident[], moment: Moment): Panel | undefined {
  const nowMs = Date.parse(moment.snapshot.timestamp);
  const recent = incidents.filter(({ began, ended }) => {
    const overMs = ended === null ? nowMs : Date.parse(ended);
    return Date.parse(began) <= nowMs && nowMs - overMs <= RECENT_MS;
  });
  if (recent.length === 0) return undefined;
  return {
    title: 'INCIDENT',
    isPresent: () => true,
    isLate: () => false,
    rows: (view) => recent.map((incident, index) => incidentRow(view, incident, nowMs, index)),
  };
}

/** `01:32:05 ! goes on cpu_saturated  stress (3 processes, 187 % of a core)`. */
function incidentRow({ glyphs }: View, incident: Incident, nowMs: number, index: number): Row {
  const { began, ended, peak_at, watch, who, message } = incident;
  // In a moment of the past it may not have been over yet.
  const isOver = ended !== null && Date.parse(ended) <= nowMs;
  const lasted = isOver ? `for ${durationText(Date.parse(ended) - Date.parse(began))}` : '! goes on';
  const style = isOver ? STYLE.warning : STYLE.bad;
  return {
    rank: index === 0 ? RANK.essential : itemRank(index),
    item: true,
    moment: peak_at,
    draw(region) {
      let x = region.text(0, 0, began.slice(11, 19), STYLE.faint) + 1;
      x = region.text(x, 0, lasted.padEnd(LASTED_CELLS), style) + 1;
      const cells = Math.max(0, Math.min(watch.length, region.width - x));
      x = region.text(x, 0, fitted(watch, cells, glyphs.ellipsis), style) + 2;
      const room = region.width - x;
      if (room > 0) region.text(x, 0, fitted(who ?? message, room, glyphs.ellipsis), STYLE.value);
    },
  };
}

function durationText(ms: number): string {
  return ms < MINUTES_FROM_MS ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

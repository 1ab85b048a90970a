import { Comparison } from './controls/comparison.ts';
import { Connection } from './data/connection.ts';
import { LiveStore } from './data/live_store.ts';
import { PastTables } from './data/past_tables.ts';
import { RecordingStart } from './data/recording_start.ts';
import { Timeline } from './data/timeline.ts';
import { FramePacer } from './drawing/frame_pacer.ts';
import { Theme } from './drawing/theme.ts';
import { Happenings } from './happenings/happenings.ts';
import { keepAddress } from './page/address.ts';
import { arrange } from './page/arrangement.ts';
import { Banner } from './page/banner.ts';
import { CollectorsMenu } from './page/collectors_menu.ts';
import { helpDialog } from './page/help_dialog.ts';
import { IncidentsButton } from './page/incidents_button.ts';
import { listenToKeys } from './page/keyboard.ts';
import { sessionMenu } from './page/session_menu.ts';
import { StatusBar } from './page/status_bar.ts';
import { Toolbar } from './page/toolbar.ts';
import { panels } from './panels/panels.ts';
import { captionOf, type Savable, saveMenu } from './saving/save_menu.ts';
import { SqlPanel } from './sql/sql_panel.ts';
import { button, element } from './view/element.ts';
import { SharedCursor } from './view/shared_cursor.ts';
import { DEFAULT_SPAN, ViewState } from './view/view_state.ts';
import { currentZone, setZone, zoneText } from './view/zone.ts';

/** Nobody reads figures that change more often. */
const TEXT_EVERY_MS = 240;
/** What the stream brings along of the past, in seconds; what lies before is fetched in columns as wide as pixels. */
const SHORTEST_BACKFILL = 30;
const LONGEST_BACKFILL = 300;
/** History is waited for so long before a picture is made. */
const LONGEST_WAIT_MS = 5_000;
const WAIT_STEP_MS = 100;
/** So much passes before the first frame arrives and everything is drawn. */
const SPARE = 5;

const store = new LiveStore();
const view = new ViewState(location.hash, () => store.now);
const tellZone = (): void => setZone(view.choice('tz') === 'utc' ? 'utc' : 'local');
tellZone();
view.onChange(tellZone);
const cursor = new SharedCursor(view);
let version = 0;
let textAtMs = 0;
let textWanted = true;
/** Time of the snapshot before the latest. */
let seen = Number.NEGATIVE_INFINITY;

const pacer = new FramePacer(draw);
const again = (): void => {
  version++;
  textWanted = true;
  pacer.request(true);
};
const theme = new Theme(() => {
  for (const panel of all) panel.restyle();
  sqlPanel.restyle();
  again();
});
const timeline = new Timeline(store, again);
const past = new PastTables(store, again);
const start = new RecordingStart(again);
const comparison = new Comparison(view, store, again);
const happenings = new Happenings(store, again);
const backfillSeconds =
  SPARE + Math.min(Math.max(view.live ? view.span : DEFAULT_SPAN, SHORTEST_BACKFILL), LONGEST_BACKFILL);
const connection = new Connection(store, Math.ceil(backfillSeconds), {
  onSnapshot: () => {
    // A view that stands still changes while the past it shows is still arriving.
    if (!view.live && seen <= view.range.to) {
      version++;
      textWanted = true;
    }
    seen = store.now;
    pacer.request();
  },
  onState: () => {
    if (connection.state.state === 'open') {
      timeline.reset();
      comparison.reset();
      void happenings.refresh();
    }
    banner.update();
    again();
  },
  onIncident: (incident) => happenings.take(incident),
});

const banner = new Banner(store, connection);
const status = new StatusBar(store, () => connection.dropped);
const menu = new CollectorsMenu(store);
const sqlPanel = new SqlPanel(view, theme);
const help = helpDialog();
const toggleSql = (): void => view.showSql(view.sql === undefined ? '' : undefined);
const incidentsButton = new IncidentsButton(happenings);
const toolbar = new Toolbar(
  { store, view, cursor, timeline, comparison, connection },
  ...saveMenu('Save', 'Save what is shown as a picture, or its data', savablePage()),
  button('SQL', 'Query history in SQL (s)', toggleSql, { class: 'sql-toggle', 'aria-pressed': 'false' }),
  menu.root,
  incidentsButton.root,
  ...sessionMenu(),
  button('?', 'Keys and mouse (?)', () => help.showModal()),
);
const all = panels({ store, timeline, past, start, comparison, happenings, view, cursor, theme });
const grid = element('main', { class: 'grid' }, ...all.map(({ root }) => root));
document.body.append(toolbar.root, banner.root, grid, sqlPanel.root, status.root, help);
for (const panel of all) panel.watch(again);

let shownZone = currentZone();
view.onChange(() => {
  if (currentZone() !== shownZone) for (const panel of all) panel.restyle();
  shownZone = currentZone();
  showMode();
  again();
});
keepAddress(view);
cursor.onMove((byHand) => {
  if (!byHand) return;
  textWanted = true;
  pacer.request(true);
});
listenToKeys({
  view,
  cursor,
  toggleSql,
  toggleCollectors: () => menu.toggle(),
  toggleZone: () => toolbar.toggleZone(),
  showIncidents: () => incidentsButton.go(),
  showHelp: () => help.showModal(),
});

/** Everything the page shows, out of sight too. */
function savablePage(): Savable {
  return {
    name: 'view',
    get root() {
      return grid;
    },
    range: () => view.range,
    caption: () => captionOf(store.hello?.hostname ?? '', view.range, zoneText()),
    keys: () => all.filter(({ root }) => root.checkVisibility()).flatMap(({ keys }) => keys),
    prepare: async () => {
      const { range } = view;
      const drawAll = (): void => {
        for (const panel of all) panel.drawAnyway(range);
      };
      drawAll();
      for (let wait = 0; wait < LONGEST_WAIT_MS && timeline.isPending; wait += WAIT_STEP_MS) {
        await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
        drawAll();
      }
    },
  };
}

function showMode(): void {
  const isSql = view.sql !== undefined;
  arrange(grid, all, view.choice('panel'));
  grid.hidden = isSql;
  document.querySelector('.sql-toggle')?.setAttribute('aria-pressed', String(isSql));
  sqlPanel.update();
}

function draw(): void {
  const { range } = view;
  if (view.live) cursor.follow();
  if (!grid.hidden) for (const panel of all) panel.draw(range, version);
  const nowMs = performance.now();
  if (!textWanted && nowMs - textAtMs < TEXT_EVERY_MS) return;
  textWanted = false;
  textAtMs = nowMs;
  for (const panel of all) {
    panel.settle();
    if (!grid.hidden) panel.updateText();
  }
  toolbar.update();
  status.update();
  menu.update();
  incidentsButton.update();
}

showMode();
void connection.run();

import type { Incident } from '../model/incidents/incident.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { type Glyphs, glyphsFor } from './drawing/glyphs.ts';
import { Grid } from './drawing/grid.ts';
import { Hits } from './drawing/hits.ts';
import { Painter } from './drawing/painter.ts';
import type { Feed } from './feed.ts';
import { Recent } from './figures/recent.ts';
import { type Command, commandOf } from './keys.ts';
import type { MouseAction } from './mouse.ts';
import { Rewind } from './rewind.ts';
import { drawScreen, presentPanels } from './screen.ts';
import type { Terminal } from './terminal.ts';
import type { Item, Target } from './view/target.ts';
import { type Link, Moment, type View } from './view/view.ts';

/** Ten frames a second, with room for a snapshot that comes a little early. */
const SHORTEST_FRAME_MS = 95;
/** How often the screen is looked after when nothing comes. */
const HEARTBEAT_MS = 500;
const SHORTEST_SILENCE_MS = 1_500;
const NOTICE_MS = 10_000;
const SUSPENDED_BY_MS = 200;
const COLUMN_FACTORS = [1, 10, 100] as const;
const SHORTEST_COLUMN_MS = 100;
/** How far a page and a notch of the wheel go back, in columns of the charts. */
const PAGE_COLUMNS = 30;
const WHEEL_COLUMNS = 5;

/** The live view: takes snapshots from a feed, keys from a terminal, and draws. */
export class Top {
  readonly #feed: Feed;
  readonly #terminal: Terminal;
  readonly #painter: Painter;
  readonly #glyphs: Glyphs;
  readonly #recent = new Recent();
  #grid: Grid;
  readonly #rewind: Rewind;
  readonly #hits = new Hits<Target>();
  #help = false;
  #cores: View['cores'] = 'fitting';
  #columns = 0;
  /** Time between snapshots as they come, which is what the shortest column has to cover. */
  #spacingMs: number;
  #incidents: readonly Incident[] = [];
  #focus: string | undefined;
  #item: Item | undefined;
  /** The only panel that was shown when something in it was chosen: that is gone back to. */
  #scope: string | undefined;
  #link: Link = { state: 'connecting' };
  #origin = '';
  #notice: { text: string; untilMs: number } | undefined;
  #heardMs = performance.now();
  #drawnMs = Number.NEGATIVE_INFINITY;
  #pending: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #quit: () => void = () => {};

  /** `spacingMs` is how far apart snapshots are asked to be. */
  constructor(feed: Feed, terminal: Terminal, spacingMs: number) {
    this.#feed = feed;
    this.#rewind = new Rewind(
      feed,
      (text) => this.#say(text),
      () => this.#schedule(),
    );
    this.#terminal = terminal;
    this.#spacingMs = spacingMs;
    this.#painter = new Painter(terminal.hasColour);
    this.#glyphs = glyphsFor(process.env);
    this.#grid = new Grid(terminal.width, terminal.height);
  }

  /** Shows the feed until someone quits, by key or by signal. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#quit = resolve;
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, this.#quit);
    process.on('SIGCONT', () => this.#resume());
    try {
      this.#resume();
      this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
      this.#feed.start({
        snapshots: (snapshots) => this.#take(snapshots),
        link: (link, origin) => this.#linked(link, origin),
        incidents: (incidents) => {
          this.#incidents = incidents;
          this.#schedule();
        },
      });
      await ended;
    } finally {
      clearInterval(this.#heartbeat);
      clearTimeout(this.#pending);
      this.#pending = undefined;
      this.#terminal.leave();
    }
  }

  #take(snapshots: readonly Snapshot[]): void {
    for (const snapshot of snapshots) {
      const moment = new Moment(snapshot, this.#rewind.latest);
      this.#recent.add(moment.timeMs, moment.series);
      this.#rewind.add(moment);
    }
    this.#heardMs = performance.now();
    if (this.#rewind.isLive) this.#schedule();
  }

  #linked(link: Link, origin: string): void {
    if (this.#link.state === 'lost' && link.state === 'live') {
      this.#say('connected again');
    }
    this.#link = link;
    this.#origin = origin;
    this.#heardMs = performance.now();
    this.#schedule();
  }

  /** Lets silence and the time until the next attempt be seen when nothing else makes a frame. */
  #beat(): void {
    if (performance.now() - this.#drawnMs >= HEARTBEAT_MS) this.#draw();
  }

  /** Draws soon, but not more often than frames may follow each other. */
  #schedule(): void {
    if (this.#pending !== undefined) return;
    const waitMs = this.#drawnMs + SHORTEST_FRAME_MS - performance.now();
    if (waitMs <= 0) this.#draw();
    else this.#pending = setTimeout(() => this.#draw(), waitMs);
  }

  #draw(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    this.#drawnMs = performance.now();
    drawScreen(this.#grid, this.#view(), this.#hits);
    this.#terminal.write(this.#painter.paint(this.#grid));
  }

  #view(): View {
    const nowMs = performance.now();
    const silentMs = nowMs - this.#heardMs;
    const moment = this.#rewind.shown;
    const columnMs = this.#columnMs(moment);
    const spacingMs = this.#spacing(moment);
    if (this.#notice !== undefined && nowMs > this.#notice.untilMs) this.#notice = undefined;
    return {
      moment,
      recent: this.#recent,
      incidents: this.#incidents,
      past: this.#rewind.past,
      columnMs,
      glyphs: this.#glyphs,
      cores: this.#cores,
      focus: this.#focus,
      item: this.#item,
      paused: !this.#rewind.isLive,
      agoMs: this.#rewind.agoMs,
      help: this.#help,
      link: this.#link,
      silentMs:
        this.#rewind.latest !== undefined && silentMs > Math.max(SHORTEST_SILENCE_MS, 3 * spacingMs)
          ? silentMs
          : undefined,
      origin: this.#origin,
      notice: this.#notice?.text,
      nowMs,
    };
  }

  #obey(command: Command | undefined): void {
    switch (command) {
      case undefined:
        return;
      case 'quit':
        this.#quit();
        return;
      case 'suspend':
        this.#suspend();
        return;
      case 'pause':
        this.#rewind.pause();
        break;
      case 'cores':
        this.#cores = this.#cores === 'bars' ? 'strip' : 'bars';
        break;
      case 'window':
        this.#columns = (this.#columns + 1) % COLUMN_FACTORS.length;
        break;
      case 'next_panel':
        this.#turn(1);
        break;
      case 'previous_panel':
        this.#turn(-1);
        break;
      case 'next_item':
        this.#turnItem(1);
        break;
      case 'previous_item':
        this.#turnItem(-1);
        break;
      case 'back':
        this.#scroll(-1);
        break;
      case 'forward':
        this.#scroll(1);
        break;
      case 'page_back':
        this.#scroll(-PAGE_COLUMNS);
        break;
      case 'page_forward':
        this.#scroll(PAGE_COLUMNS);
        break;
      case 'oldest':
        this.#rewind.goToOldest();
        break;
      case 'live':
        this.#rewind.goLive();
        break;
      case 'leave':
        this.#leaveOne();
        break;
      case 'incident':
        this.#rewind.goToLatestOf(this.#incidents.map(({ peak_at }) => peak_at));
        break;
      case 'mouse':
        this.#terminal.mouse = !this.#terminal.mouse;
        this.#say(this.#terminal.mouse ? 'mouse on' : 'mouse off: the terminal marks text with it');
        break;
      case 'help':
        this.#help = !this.#help;
        break;
      case 'redraw':
        this.#painter.forget();
        break;
    }
    this.#draw();
  }

  /** Goes to the next panel alone; beyond the last, and before the first, there are all. */
  #turn(step: number): void {
    const titles = [undefined, ...presentPanels(this.#view()).map(({ title }) => title)];
    const index = titles.indexOf(this.#focus);
    this.#focus = titles[(index + step + titles.length) % titles.length];
    this.#item = undefined;
  }

  /** Goes to the next of what panels list alone; beyond the last, and before the first, there are all. */
  #turnItem(step: number): void {
    const view = this.#view();
    const { moment } = view;
    if (moment === undefined) return;
    const scope = this.#item === undefined ? this.#focus : this.#scope;
    const panels = presentPanels(view).filter(({ title }) => scope === undefined || title === scope);
    const items: (Item | undefined)[] = panels.flatMap(({ title, items: list }) =>
      (list?.(moment) ?? []).map((name) => ({ panel: title, name })),
    );
    items.unshift(undefined);
    const index = items.findIndex((item) => isSame(item, this.#item));
    const next = items[(Math.max(0, index) + step + items.length) % items.length];
    this.#choose(next);
  }

  #choose(item: Item | undefined): void {
    if (this.#item === undefined) this.#scope = this.#focus;
    this.#item = item;
    this.#focus = item?.panel ?? this.#scope;
  }

  /** Moves in time by so many columns of the charts. */
  #scroll(columns: number): void {
    this.#rewind.moveBy(columns * this.#columnMs(this.#rewind.shown));
  }

  /** Out of the past first, then of what stands alone. */
  #leaveOne(): void {
    if (this.#help) this.#help = false;
    else if (!this.#rewind.isLive) this.#rewind.goLive();
    else if (this.#item !== undefined) this.#choose(undefined);
    else this.#focus = undefined;
  }

  #point({ kind, x, y }: MouseAction): void {
    if (kind === 'click') this.#click(this.#hits.at(x, y));
    else this.#scroll(kind === 'wheel_up' ? -WHEEL_COLUMNS : WHEEL_COLUMNS);
    // A wheel turns faster than frames need to follow.
    this.#schedule();
  }

  /** What is chosen already is given up again. */
  #click(target: Target | undefined): void {
    if (target === undefined) {
      this.#help = false;
      return;
    }
    switch (target.kind) {
      case 'key':
        this.#obey(commandOf(target.key));
        return;
      case 'moment':
        this.#rewind.goToTime(target.timestamp);
        return;
      case 'item':
        this.#choose(isSame(target.item, this.#item) ? undefined : target.item);
        return;
      case 'panel':
        if (this.#item !== undefined) this.#item = undefined;
        else this.#focus = this.#focus === target.panel ? undefined : target.panel;
    }
  }

  #say(text: string): void {
    this.#notice = { text, untilMs: performance.now() + NOTICE_MS };
  }

  #spacing(moment: Moment | undefined): number {
    return Math.max(this.#spacingMs, moment?.snapshot.sampling.interval_ms ?? 0, SHORTEST_COLUMN_MS);
  }

  #columnMs(moment: Moment | undefined): number {
    return this.#spacing(moment) * COLUMN_FACTORS[this.#columns]!;
  }

  #suspend(): void {
    this.#terminal.leave();
    // The whole process group, as the terminal itself would: the parent (npx, a script) waits in it, and the
    // shell takes the terminal back only when all of it has stopped.
    process.kill(0, 'SIGTSTP');
    // The kernel stops nobody whom no shell could continue; then there is no SIGCONT either.
    setTimeout(() => this.#resume(), SUSPENDED_BY_MS);
  }

  /** Takes the terminal, at first and after the process was stopped, when somebody else has drawn on it. */
  #resume(): void {
    this.#terminal.enter({
      key: (key) => this.#obey(commandOf(key)),
      mouse: (action) => this.#point(action),
      resized: () => this.#fit(),
    });
    this.#fit();
  }

  #fit(): void {
    this.#grid = new Grid(this.#terminal.width, this.#terminal.height);
    this.#painter.forget();
    this.#draw();
  }
}

function isSame(one: Item | undefined, other: Item | undefined): boolean {
  return one?.panel === other?.panel && one?.name === other?.name;
}

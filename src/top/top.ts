import type { Snapshot } from '../model/snapshot.ts';
import { type Glyphs, glyphsFor } from './drawing/glyphs.ts';
import { Grid } from './drawing/grid.ts';
import { Painter } from './drawing/painter.ts';
import type { Feed } from './feed.ts';
import { Recent } from './figures/recent.ts';
import { seriesOf, tickTimeMs } from './figures/series_of.ts';
import { type Command, commandOf } from './keys.ts';
import { drawScreen, presentPanels } from './screen.ts';
import type { Terminal } from './terminal.ts';
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

/** The live view: takes snapshots from a feed, keys from a terminal, and draws. */
export class Top {
  readonly #feed: Feed;
  readonly #terminal: Terminal;
  readonly #painter: Painter;
  readonly #glyphs: Glyphs;
  readonly #recent = new Recent();
  #grid: Grid;
  #latest: Moment | undefined;
  /** What is shown while paused. */
  #frozen: Moment | undefined;
  #paused = false;
  #help = false;
  #cores: View['cores'] = 'fitting';
  #columns = 0;
  /** Time between snapshots as they come, which is what the shortest column has to cover. */
  #spacingMs: number;
  #focus: string | undefined;
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
      const timeMs = tickTimeMs(snapshot);
      this.#recent.add(timeMs, seriesOf(snapshot));
      this.#latest = new Moment(snapshot, this.#latest);
    }
    this.#heardMs = performance.now();
    if (!this.#paused) this.#schedule();
  }

  #linked(link: Link, origin: string): void {
    if (this.#link.state === 'lost' && link.state === 'live') {
      this.#notice = { text: 'connected again', untilMs: performance.now() + NOTICE_MS };
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
    drawScreen(this.#grid, this.#view());
    this.#terminal.write(this.#painter.paint(this.#grid));
  }

  #view(): View {
    const nowMs = performance.now();
    const silentMs = nowMs - this.#heardMs;
    const moment = this.#paused ? this.#frozen : this.#latest;
    const intervalMs = moment?.snapshot.sampling.interval_ms ?? 0;
    const spacingMs = Math.max(this.#spacingMs, intervalMs, SHORTEST_COLUMN_MS);
    if (this.#notice !== undefined && nowMs > this.#notice.untilMs) this.#notice = undefined;
    return {
      moment,
      recent: this.#recent,
      columnMs: spacingMs * COLUMN_FACTORS[this.#columns]!,
      glyphs: this.#glyphs,
      cores: this.#cores,
      focus: this.#focus,
      paused: this.#paused,
      help: this.#help,
      link: this.#link,
      silentMs:
        this.#latest !== undefined && silentMs > Math.max(SHORTEST_SILENCE_MS, 3 * spacingMs)
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
        this.#paused = !this.#paused;
        this.#frozen = this.#latest;
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

import type { Comparison } from '../controls/comparison.ts';
import type { Connection } from '../data/connection.ts';
import type { LiveStore } from '../data/live_store.ts';
import type { Timeline } from '../data/timeline.ts';
import { button, element, setAttribute, setText } from '../view/element.ts';
import { LiveText } from '../view/live_text.ts';
import type { SharedCursor } from '../view/shared_cursor.ts';
import type { ViewState } from '../view/view_state.ts';
import { currentZone } from '../view/zone.ts';
import { moment, percent, span, timeOfDay } from '../words/format.ts';
import { gotoMenu } from './goto_menu.ts';

const SHIFTS = [10, 60, 600, 3600, 86_400, 604_800];
const SPANS = [10, 30, 60, 120, 300, 900, 3600, 21_600, 86_400, 604_800];

interface Parts {
  readonly store: LiveStore;
  readonly view: ViewState;
  readonly cursor: SharedCursor;
  readonly timeline: Timeline;
  readonly comparison: Comparison;
  readonly connection: Connection;
}

/** Where and when one is: host, connection, stretch of time, and the ways to another. */
export class Toolbar {
  readonly root = element('header', { class: 'toolbar' });
  readonly #parts: Parts;
  readonly #host = new LiveText();
  readonly #state = new LiveText();
  readonly #pill: HTMLElement;
  readonly #when = new LiveText();
  readonly #detail = new LiveText();
  readonly #zone: HTMLButtonElement;
  readonly #play: HTMLButtonElement;
  readonly #spans: HTMLSelectElement;
  readonly #compare: HTMLSelectElement;

  /** @param extras further controls, at the end */
  constructor(parts: Parts, ...extras: HTMLElement[]) {
    this.#parts = parts;
    const { view } = parts;
    this.#zone = button('', 'Times by your clock, or in UTC (z)', () => this.toggleZone(), { class: 'zone' });
    this.#pill = element('span', { class: 'pill', role: 'status' }, this.#state.node);
    this.#play = button('', 'Pause or go live (space)', () => (view.live ? view.pause() : view.goLive()), {
      class: 'play',
    });
    this.#spans = this.#spanSelect();
    this.#compare = this.#compareSelect();
    const time = element(
      'div',
      { class: 'controls', role: 'group', 'aria-label': 'Time' },
      this.#play,
      button('‹', 'Back half a screen (left arrow)', () => view.pan(-0.5)),
      button('›', 'Forward half a screen (right arrow)', () => view.pan(0.5)),
      button('−', 'Show more time (minus)', () => view.zoom(2)),
      this.#spans,
      button('+', 'Show less time (plus)', () => view.zoom(0.5)),
      gotoMenu(view),
      this.#compare,
      this.#zone,
    );
    const shown = element(
      'output',
      { class: 'when' },
      this.#when.node,
      element('small', {}, this.#detail.node),
    );
    this.root.append(
      element('h1', {}, 'hzstat', element('span', { class: 'host' }, this.#host.node)),
      this.#pill,
      time,
      shown,
      element('div', { class: 'controls extras' }, ...extras),
    );
  }

  toggleZone(): void {
    this.#parts.view.choose('tz', currentZone() === 'utc' ? undefined : 'utc');
  }

  update(): void {
    setText(this.#zone, currentZone() === 'utc' ? 'UTC' : 'local time');
    const { store, view, connection, cursor, timeline, comparison } = this.#parts;
    const { hello } = store;
    if (hello !== undefined) this.#host.set(hello.hostname);
    const { state } = connection.state;
    const text = {
      connecting: '… connecting',
      lost: '✕ connection lost',
      open: view.live ? `● live ${this.#pace()}` : '❚❚ paused',
    }[state];
    this.#state.set(text);
    setAttribute(this.#pill, 'data-state', state === 'open' ? (view.live ? 'live' : 'paused') : state);
    const label = view.live ? '❚❚ Pause' : '▶ Live';
    if (this.#play.textContent !== label) this.#play.textContent = label;
    const { from, to } = view.range;
    const distance = Math.min((to - from) / 500, 60);
    const pointed = cursor.share === undefined ? undefined : from + cursor.share * (to - from);
    if (pointed !== undefined) this.#when.set(moment(pointed, distance));
    else if (view.live) this.#when.set(`last ${span(to - from)}`);
    else this.#when.set(`${moment(from, distance)} – ${timeOfDay(to, distance)}`);
    this.#detail.set(this.#describe(timeline));
    this.#showSpan(to - from);
    showOption(this.#compare, comparison.shift);
  }

  /** How often snapshots come and, where that is less often than asked for, why. */
  #pace(): string {
    const { store } = this.#parts;
    const sampling = store.snapshot?.sampling;
    const asked = sampling?.budget?.asked_interval_ms ?? 0;
    const isSlowed = sampling !== undefined && asked > 0 && asked < sampling.interval_ms;
    setAttribute(this.#pill, 'title', isSlowed ? sampling.budget?.message : undefined);
    if (!isSlowed) return hertz(store.interval);
    const limit = sampling.budget?.limit_percent ?? 0;
    const paces = `${hertz(sampling.interval_ms / 1000)} instead of ${hertz(asked / 1000)}`;
    return `${paces}: ${percent(limit)} of a core is its budget`;
  }

  #describe(timeline: Timeline): string {
    if (timeline.trouble !== undefined) return timeline.trouble;
    if (timeline.loading) return 'asking history …';
    const { origin } = timeline;
    const { store } = this.#parts;
    if (origin === undefined) {
      return store.isThinned ? `means of ${span(store.interval)}, with the extremes` : '';
    }
    const width = origin.width === 0 ? 'every sample' : `${span(origin.width)} a column`;
    const { range } = this.#parts.view;
    const kept = origin.kept?.filter(({ from, to }) => from < range.to && range.from < to);
    const [stretch, ...more] = kept ?? [range];
    if (stretch === undefined) return 'from history, a step a second';
    if (more.length > 0)
      return `from history, ${width} in ${more.length + 1} stretches, else a step a second`;
    if (stretch.from <= range.from && range.to <= stretch.to) return `from history, ${width}`;
    const distance = (stretch.to - stretch.from) / 100;
    const where = `${timeOfDay(stretch.from, distance)} – ${timeOfDay(stretch.to, distance)}`;
    return `from history, ${width} ${where}, else a step a second`;
  }

  #spanSelect(): HTMLSelectElement {
    const { view } = this.#parts;
    const options = SPANS.map((seconds) => element('option', { value: seconds }, span(seconds)));
    const select = element(
      'select',
      { 'aria-label': 'How much time is shown', title: 'How much time is shown' },
      ...options,
    );
    select.addEventListener('change', () => {
      const seconds = Number(select.value);
      if (view.live) view.goLive(seconds);
      else view.zoom(seconds / view.span);
    });
    return select;
  }

  #compareSelect(): HTMLSelectElement {
    const { comparison } = this.#parts;
    const title = 'Compare with an earlier time';
    const none = element('option', { value: '' }, 'compare …');
    const options = SHIFTS.map((shift) => element('option', { value: shift }, `${span(shift)} earlier`));
    const select = element('select', { 'aria-label': title, title, class: 'compare' }, none, ...options);
    select.addEventListener('change', () =>
      comparison.choose(select.value === '' ? undefined : Number(select.value)),
    );
    return select;
  }

  #showSpan(seconds: number): void {
    const known = SPANS.find((candidate) => Math.abs(candidate - seconds) < candidate * 0.001);
    const value = String(known ?? Number(seconds.toFixed(2)));
    if (this.#spans.value === value) return;
    this.#spans.querySelector('[data-other]')?.remove();
    if (known === undefined) {
      this.#spans.append(element('option', { value, 'data-other': true }, span(seconds)));
    }
    this.#spans.value = value;
  }
}

/** Shows a shift an address may have named that is not among the usual ones. */
function showOption(select: HTMLSelectElement, shift: number | undefined): void {
  const value = shift === undefined ? '' : String(shift);
  if (select.value === value) return;
  if (shift !== undefined && !SHIFTS.includes(shift)) {
    select.querySelector('[data-other]')?.remove();
    select.append(element('option', { value, 'data-other': true }, `${span(shift)} earlier`));
  }
  select.value = value;
}

function hertz(interval: number): string {
  const rate = 1 / interval;
  return rate >= 1 ? `${Number(rate.toFixed(1))} Hz` : `every ${span(interval)}`;
}

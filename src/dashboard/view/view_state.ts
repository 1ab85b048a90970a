import { isoTime } from './zone.ts';

/** The stretch of time that is looked at, in seconds since 1970. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Live shows the last `span` seconds and moves on; fixed stands still. */
export type View = { readonly mode: 'live'; readonly span: number } | ({ readonly mode: 'fixed' } & Range);

export const DEFAULT_SPAN = 120;
/** From a few samples at a thousand a second to what rollups are kept for. */
const SHORTEST_SPAN = 0.05;
const LONGEST_SPAN = 200 * 86_400;

/**
 * How a view came about: by a step of its own, which Back undoes; by more of the same gesture, such as a drag; or
 * because the address says so.
 */
export type Change = 'step' | 'gesture' | 'address';

/** What the page shows and how to get there: everything a link carries. */
export class ViewState {
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #now: () => number;
  #view: View;
  /** Text of the SQL panel, or undefined while the charts are shown. */
  #sql: string | undefined;
  #choices = new Map<string, string>();
  /** While a hand has not let go: whether it has changed anything yet. */
  #gesture: 'none' | 'begun' | 'changing' = 'none';

  /** @param now the time of the latest sample, in seconds */
  constructor(hash: string, now: () => number) {
    this.#now = now;
    this.#view = { mode: 'live', span: DEFAULT_SPAN };
    this.readHash(hash);
  }

  get view(): View {
    return this.#view;
  }

  get live(): boolean {
    return this.#view.mode === 'live';
  }

  get sql(): string | undefined {
    return this.#sql;
  }

  /** The stretch looked at right now. */
  get range(): Range {
    const view = this.#view;
    if (view.mode === 'fixed') return { from: view.from, to: view.to };
    const to = this.#now();
    return { from: to - view.span, to };
  }

  get span(): number {
    const { from, to } = this.range;
    return to - from;
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.add(listener);
  }

  /** From now on all changes are one step, until {@link release}. */
  hold(): void {
    if (this.#gesture === 'none') this.#gesture = 'begun';
  }

  release(): void {
    this.#gesture = 'none';
  }

  /** What was chosen in a panel, such as the interface shown. */
  choice(name: string): string | undefined {
    return this.#choices.get(name);
  }

  choose(name: string, value: string | undefined): void {
    if (value === this.#choices.get(name)) return;
    if (value === undefined) this.#choices.delete(name);
    else this.#choices.set(name, value);
    this.#changed();
  }

  /** The same for what is no step of its own: the cursor, a word that is being typed. */
  note(name: string, value: string | undefined): void {
    const isHeld = this.#gesture;
    this.#gesture = 'changing';
    this.choose(name, value);
    this.#gesture = isHeld;
  }

  /** Several names that were chosen together, in their order. */
  choices(name: string): readonly string[] {
    return listIn(this.#choices.get(name) ?? '');
  }

  chooseSeveral(name: string, values: readonly string[], isStep = true): void {
    const text = values.length === 0 ? undefined : listText(values);
    if (isStep) this.choose(name, text);
    else this.note(name, text);
  }

  showSql(sql: string | undefined): void {
    this.#sql = sql;
    this.#changed();
  }

  goLive(span?: number): void {
    const kept = this.#view.mode === 'live' ? this.#view.span : DEFAULT_SPAN;
    this.#view = { mode: 'live', span: wholeMs(clampSpan(span ?? kept)) };
    this.#changed();
  }

  /** Holds what is shown. */
  pause(): void {
    if (this.#view.mode === 'live') this.show(this.range);
  }

  /** Shows exactly this stretch, to the millisecond: no more is in an address. */
  show({ from, to }: Range): void {
    const span = clampSpan(to - from);
    const middle = (from + to) / 2;
    const first = wholeMs(middle - span / 2);
    this.#view = { mode: 'fixed', from: first, to: wholeMs(first + span) };
    this.#changed();
  }

  /** Moves by a share of what is shown: -0.5 is half a screen back. Beyond now it becomes live. */
  pan(share: number): void {
    if (this.live && share >= 0) return;
    const { from, to } = this.range;
    const by = (to - from) * share;
    const beyond = to + by - this.#now();
    if (beyond > 0) this.goLive(to - from);
    else this.show({ from: from + by, to: to + by });
  }

  /** Moves back or forward by seconds, keeping the width. */
  jump(seconds: number): void {
    const { from, to } = this.range;
    if (to + seconds >= this.#now()) this.goLive(to - from);
    else this.show({ from: from + seconds, to: to + seconds });
  }

  /** Less than 1 shows less time, around a moment or, when live, up to now. */
  zoom(factor: number, around?: number): void {
    const { from, to } = this.range;
    const span = to - from;
    if (this.live && around === undefined) {
      this.goLive(span * factor);
      return;
    }
    const pivot = around ?? (from + to) / 2;
    const share = (pivot - from) / span;
    const wanted = clampSpan(span * factor);
    const end = pivot + wanted * (1 - share);
    if (end >= this.#now() && factor > 1) this.goLive(wanted);
    else this.show({ from: end - wanted, to: end });
  }

  /** The part of a link after `#`. */
  get hash(): string {
    const parts = new URLSearchParams();
    const view = this.#view;
    if (view.mode === 'live') parts.set('live', `${Number(view.span.toFixed(3))}s`);
    else {
      parts.set('from', isoTime(view.from));
      parts.set('to', isoTime(view.to));
    }
    for (const [name, value] of this.#choices) parts.set(name, value);
    if (this.#sql !== undefined) parts.set('sql', this.#sql);
    return parts.toString();
  }

  /** Takes over what a link says; what it says wrongly is left as it is. */
  readHash(hash: string): void {
    const parts = new URLSearchParams(hash.replace(/^#/, ''));
    const from = Date.parse(parts.get('from') ?? '') / 1000;
    const to = Date.parse(parts.get('to') ?? '') / 1000;
    const span = Number.parseFloat(parts.get('live') ?? '');
    if (to > from) this.#view = { mode: 'fixed', from, to };
    else this.#view = { mode: 'live', span: span > 0 ? clampSpan(span) : DEFAULT_SPAN };
    this.#sql = parts.get('sql') ?? undefined;
    const own = new Set(['from', 'to', 'live', 'sql']);
    this.#choices = new Map([...parts].filter(([name]) => !own.has(name)));
    this.#tell('address');
  }

  #changed(): void {
    const change = this.#gesture === 'changing' ? 'gesture' : 'step';
    if (this.#gesture === 'begun') this.#gesture = 'changing';
    this.#tell(change);
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** Names separated by commas; a comma or backslash within one has a backslash before it. */
function listText(values: readonly string[]): string {
  return values.map((value) => value.replace(/[\\,]/g, '\\$&')).join(',');
}

function listIn(text: string): string[] {
  const values = text.match(/(?:\\.|[^\\,])+/gs) ?? [];
  return values.map((value) => value.replace(/\\(.)/gs, '$1'));
}

function wholeMs(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

function clampSpan(span: number): number {
  return Math.min(Math.max(span, SHORTEST_SPAN), LONGEST_SPAN);
}

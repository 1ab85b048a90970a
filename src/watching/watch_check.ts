import type { Condition, Watch } from '../model/incidents/watch.ts';
import { type Layout, type RecordLayout, slotsOf } from '../records/layout.ts';
import type { Crossing } from './crossing.ts';
import { holds, WatchedField } from './watched_field.ts';

/** Names that have come and gone are forgotten beyond so many. */
const MOST_FORGOTTEN = 1_000;
const NOWHERE = -1;

/** A condition on one slot of the rows of a layout. */
interface Check {
  readonly watch: Watch;
  readonly field: WatchedField;
  readonly slot: number;
  /** What must not hold at the same time; {@link NOWHERE} when there is nothing. */
  readonly unlessSlot: number;
  /** Of a counter, what it was at the reading before. */
  previous: { value: number };
}

/**
 * Holds the rows of one collector against its watches, in the thread that makes the rows: a few comparisons a tick,
 * and a word to somebody only when a threshold is crossed.
 */
export class WatchCheck {
  readonly #watches: readonly Watch[];
  readonly #tell: (crossing: Crossing) => void;
  readonly #checks = new WeakMap<RecordLayout, readonly Check[]>();
  /** By watch and field, across layouts. */
  readonly #known = new Map<string, Pick<Check, 'field' | 'previous'>>();
  /** Those that are not quiet. */
  readonly #open = new Set<WatchedField>();
  #beforeNs: number | undefined;

  constructor(watches: readonly Watch[], tell: (crossing: Crossing) => void) {
    this.#watches = watches;
    this.#tell = tell;
  }

  /** Looks at the row that begins at slot `at`, which was read at a tick. */
  look(layout: RecordLayout, slots: Float64Array, at: number, tickNs: number): void {
    const beforeNs = this.#beforeNs ?? tickNs;
    this.#beforeNs = tickNs;
    const checks = this.#checks.get(layout) ?? this.#compile(layout);
    for (let i = 0; i < checks.length; i++) {
      const check = checks[i]!;
      const value = comparable(check, slots[at + check.slot]!);
      // Unknown is neither true nor false.
      if (Number.isNaN(value)) continue;
      const { watch, field } = check;
      if (holds(watch, value) && !isExcused(check, slots, at)) {
        if (field.isQuiet) this.#open.add(field);
        field.held(value, tickNs, beforeNs);
      } else if (!field.isQuiet) field.failed(tickNs);
    }
    if (this.#open.size > 0) this.#sweep(tickNs);
  }

  /** A tick of which there is nothing to look at. */
  pass(tickNs: number): void {
    if (this.#open.size > 0) this.#sweep(tickNs);
  }

  /** Nothing will be read for a while: what is under way is over, and counters begin anew. */
  end(): void {
    for (const field of this.#open) field.end();
    this.#open.clear();
    for (const { previous } of this.#known.values()) previous.value = Number.NaN;
    this.#beforeNs = undefined;
  }

  #sweep(tickNs: number): void {
    for (const field of this.#open) {
      field.passed(tickNs);
      if (field.isQuiet) this.#open.delete(field);
    }
  }

  #compile(layout: RecordLayout): readonly Check[] {
    if (this.#known.size > MOST_FORGOTTEN) this.#forget();
    const checks = this.#watches.flatMap((watch) => {
      const [unless] = watch.unless === undefined ? [] : slotsAt(layout, watch.unless.path);
      return slotsAt(layout, watch.path).map(({ slot, names }): Check => {
        const { field, previous } = this.#find(watch, [watch.collector, ...names].join('.'));
        return { watch, field, slot, unlessSlot: unless?.slot ?? NOWHERE, previous };
      });
    });
    this.#checks.set(layout, checks);
    return checks;
  }

  #find(watch: Watch, field: string): Pick<Check, 'field' | 'previous'> {
    const key = `${watch.name} ${field}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { field: new WatchedField(watch, field, this.#tell), previous: { value: Number.NaN } };
      this.#known.set(key, known);
    }
    return known;
  }

  /** Layouts in use keep what they need. */
  #forget(): void {
    for (const [key, { field }] of this.#known) if (field.isQuiet) this.#known.delete(key);
  }
}

/** What of a value is compared; NaN while that is unknown. */
function comparable({ watch, previous }: Check, value: number): number {
  switch (watch.compared) {
    case 'value':
      return value;
    case 'magnitude':
      return Math.abs(value);
    case 'growth': {
      const growth = value - previous.value;
      previous.value = value;
      return growth;
    }
  }
}

function isExcused({ watch, unlessSlot }: Check, slots: Float64Array, at: number): boolean {
  return watch.unless !== undefined && unlessSlot !== NOWHERE && holds(watch.unless, slots[at + unlessSlot]!);
}

interface Place {
  readonly slot: number;
  readonly names: readonly string[];
}

/** The numbers at a path, with the names that stand for `*`. */
function slotsAt(layout: Layout, path: Condition['path'], slot = 0, names: readonly string[] = []): Place[] {
  const [part, ...deeper] = path;
  if (part === undefined) return layout.kind === 'number' ? [{ slot, names }] : [];
  if (layout.kind !== 'map' && layout.kind !== 'list') return [];
  const values = layout.kind === 'map' ? layout.values : layout.items;
  const found: Place[] = [];
  let at = slot;
  for (const [index, value] of values.entries()) {
    const name = layout.kind === 'map' ? layout.keys[index]! : String(index);
    if (part === '*' || part === name) found.push(...slotsAt(value, deeper, at, [...names, name]));
    at += slotsOf(value);
  }
  return found;
}

/**
 * What a value is, and so how it may be added up, thinned out and looked at:
 * `counter` only grows, `gauge` and `count` are a state at the moment of reading (a count is a whole number),
 * `share` is a share of the time since the reading before, `rate` what a counter grew by a second, `mean` a mean
 * over what a counter counted; `text`, `texts` (a list) and `flag` are no numbers.
 */
export type Kind = 'counter' | 'gauge' | 'count' | 'share' | 'rate' | 'mean' | 'text' | 'texts' | 'flag';

/** What one step of a number is. */
export type Unit =
  | 'bytes'
  | 'packets'
  | 'requests'
  | 'events'
  | 'ticks'
  | 'snapshots'
  | 'samples'
  | 'tasks'
  | 'pages'
  | 'percent'
  | 'seconds'
  | 'ms'
  | 'us'
  | 'MHz'
  | 'celsius'
  | 'core'
  | 'bytes/s'
  | 'KB'
  | 'KB/s'
  | 'packets/s'
  | 'requests/s'
  | 'events/s'
  /** A plain number, a text or a flag. */
  | '';

/**
 * Whether a value is always there (`always`), may be missing until it is known or where the host does not tell it
 * (`absent`), or is null where it cannot be had (`null`).
 */
export type Presence = 'always' | 'absent' | 'null' | 'absent or null';

/** The family of `/metrics` a field is in. */
export interface MetricName {
  readonly name: string;
  /** Labels that are the same in every sample of this field. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What the family means, where several fields share it. */
  readonly help?: string;
  /** What a scrape shows where the field is absent; nothing unless this says otherwise. */
  readonly whenAbsent?: number;
  /** The series are worked out from several fields, by code of the room that writes `/metrics`. */
  readonly derived?: true;
}

/** Everything that is known of one field of a collector. */
export interface Field<V = unknown, P extends Presence = Presence> {
  readonly kind: Kind;
  readonly unit: Unit;
  /** Decimals that mean something. */
  readonly digits: number;
  /** One sentence. */
  readonly meaning: string;
  readonly presence: P;
  /** When and why it is absent or null; empty for what is always there. */
  readonly absent: string;
  /** Where it is read, when it is not where the rest of its collector is. */
  readonly source?: string;
  /** The object its value stands in, under its name without that in front: `clock` for `clock_source`. */
  readonly within?: string;
  /** The counter whose growth a rate is, or over whose events a mean is. */
  readonly of?: string;
  /** Whether it has a column in SQL. */
  readonly recorded: boolean;
  readonly metric?: MetricName;
  /** Never there: carries the type of the value. */
  readonly value?: V;
}

/** What may be said of a field beside its kind, unit and meaning. */
export interface FieldOptions {
  readonly digits?: number;
  readonly source?: string;
  readonly metric?: MetricName | string;
  readonly recorded?: boolean;
  readonly within?: string;
}

type Settings = FieldOptions & { readonly of?: string };

/** Why rates and shares are absent in a first sample. */
const NEEDS_TWO = 'absent in the first sample: it needs two readings';

function field<V>(
  kind: Kind,
  unit: Unit,
  digits: number,
  meaning: string,
  settings: Settings,
): Field<V, 'always'> {
  const { metric, recorded = true, source, of, within } = settings;
  return {
    kind,
    unit,
    digits: settings.digits ?? digits,
    meaning,
    presence: 'always',
    absent: '',
    recorded,
    ...(source !== undefined && { source }),
    ...(of !== undefined && { of }),
    ...(within !== undefined && { within }),
    ...(metric !== undefined && { metric: typeof metric === 'string' ? { name: metric } : metric }),
  };
}

/** What only grows, until what it counts starts anew. */
export function counter(unit: Unit, meaning: string, options: FieldOptions = {}): Field<number, 'always'> {
  return field('counter', unit, 0, meaning, options);
}

/** What goes up and down. */
export function gauge(unit: Unit, meaning: string, options: FieldOptions = {}): Field<number, 'always'> {
  return field('gauge', unit, 2, meaning, options);
}

/** A whole number that goes up and down. */
export function count(unit: Unit, meaning: string, options: FieldOptions = {}): Field<number, 'always'> {
  return field('count', unit, 0, meaning, options);
}

/** A share of the time between two readings, from 0 to 100. */
export function share(meaning: string, options: FieldOptions = {}): Field<number, 'always'> {
  return field('share', 'percent', 2, meaning, options);
}

/** What the counter `of` grew by a second between two readings. */
export function rate(
  unit: Unit,
  of: string,
  meaning: string,
  options: FieldOptions = {},
): Field<number, 'absent'> {
  return orAbsent(field('rate', unit, 1, meaning, { ...options, of }), NEEDS_TWO);
}

/** A mean over the events by which the counter `of` grew between two readings. */
export function mean(
  unit: Unit,
  of: string,
  meaning: string,
  options: FieldOptions = {},
): Field<number, 'always'> {
  return field('mean', unit, 3, meaning, { ...options, of });
}

export function text(meaning: string, options: FieldOptions = {}): Field<string, 'always'> {
  return field('text', '', 0, meaning, options);
}

/** A list of texts; it has no column. */
export function texts(meaning: string, options: FieldOptions = {}): Field<string[], 'always'> {
  return field('texts', '', 0, meaning, { recorded: false, ...options });
}

export function flag(meaning: string, options: FieldOptions = {}): Field<boolean, 'always'> {
  return field('flag', '', 0, meaning, { recorded: false, ...options });
}

/** The same field, missing now and then. */
export function orAbsent<V>(field: Field<V, 'always'>, why: string = NEEDS_TWO): Field<V, 'absent'> {
  return { ...field, presence: 'absent', absent: why };
}

/** The same field, null now and then. */
export function orNull<V>(field: Field<V, 'always'>, why: string): Field<V, 'null'> {
  return { ...field, presence: 'null', absent: why };
}

/** The same field, null for one reason and missing for another. */
export function orAbsentOrNull<V>(field: Field<V, 'always'>, why: string): Field<V, 'absent or null'> {
  return { ...field, presence: 'absent or null', absent: why };
}

/** Where the value of a field stands in the data it is declared for. */
export function placeOf(name: string, { within }: Field): readonly string[] {
  return within === undefined ? [name] : [within, name.slice(within.length + 1)];
}

/** The value of a field in the data it is declared for; undefined where it is not there. */
export function valueIn(data: Readonly<Record<string, unknown>>, name: string, field: Field): unknown {
  return placeOf(name, field).reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    data,
  );
}

/** The fields of a collector or of an entry of one of its maps, by name. */
export type Fields = Readonly<Record<string, Field>>;

type NamesOf<F extends Fields, P extends Presence> = {
  [N in keyof F]: F[N]['presence'] extends P ? N : never;
}[keyof F];

type ValueOf<F> =
  F extends Field<infer V, infer P> ? (P extends 'null' | 'absent or null' ? V | null : V) : never;

type Required<F extends Fields> = { [N in NamesOf<F, 'always' | 'null'>]: ValueOf<F[N]> };
type Optional<F extends Fields> = {
  [N in NamesOf<F, 'absent' | 'absent or null'>]?: ValueOf<F[N]> | undefined;
};
type Both<F extends Fields> = Required<F> & Optional<F>;

/** The type of the data that fields declare. */
export type ValuesOf<F extends Fields> = { -readonly [N in keyof Both<F>]: Both<F>[N] };

/**
 * Of means over events, the rate beside each that says how many events a second those were: what a mean weighs by,
 * besides time, where several become one. By name of the mean.
 */
export function weightsOf(fields: Fields): ReadonlyMap<string, string> {
  const all = Object.entries(fields);
  return new Map(
    all
      .filter(([, { kind }]) => kind === 'mean')
      .flatMap(([name, { of }]) => {
        const weight = all.find(([, other]) => other.kind === 'rate' && other.of === of)?.[0];
        return weight === undefined ? [] : [[name, weight] as const];
      }),
  );
}

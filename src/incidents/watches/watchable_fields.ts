import type { Field } from '../../model/field.ts';
import type { Compared } from '../../model/incidents/watch.ts';
import { FIELDS } from '../../model/listing/fields.ts';

/** A declared field that is a number. */
export interface WatchableField {
  /** From the snapshot down, with `*` for names and places. */
  readonly path: string;
  readonly collector: string;
  readonly unit: string;
  readonly compared: Compared;
  readonly tellsOfInterval: boolean;
  /** Matches the field with names in place of `*`, too; a name may have dots in it. */
  readonly pattern: RegExp;
  /** From the collector's data down, of a field that matches. */
  pathOf(field: string): readonly string[];
}

const OF_NO_NUMBER: ReadonlySet<Field['kind']> = new Set(['text', 'texts', 'flag']);
const OF_INTERVAL: ReadonlySet<Field['kind']> = new Set(['share', 'rate', 'mean', 'counter']);

/** Every field a watch can be about: of a counter, what it grew by since the reading before is compared. */
export const WATCHABLE_FIELDS: readonly WatchableField[] = FIELDS.filter(
  // `sequence` stands beside the collectors, and always grows.
  ({ kind, path }) => !OF_NO_NUMBER.has(kind) && path.includes('.'),
).map(({ path, collector, unit, kind }) => {
  const pattern = patternOf(path);
  return {
    path,
    collector,
    unit,
    compared: kind === 'counter' ? 'growth' : 'value',
    tellsOfInterval: OF_INTERVAL.has(kind),
    pattern,
    pathOf(field) {
      const names = pattern.exec(field)?.slice(1) ?? [];
      const parts = path.split('.').slice(1);
      return parts.map((part) => (part === '*' ? (names.shift() ?? '*') : part));
    },
  };
});

function patternOf(path: string): RegExp {
  const parts = path.split('.').map((part) => (part === '*' ? '(.+)' : part.replace(/[^\w]/g, '\\$&')));
  return new RegExp(`^${parts.join('\\.')}$`);
}

import { errorMessage, HzstatError } from '../../base/errors.ts';
import { nearby } from '../../base/nearest.ts';
import { formatDurationMs, parseDurationMs } from '../../base/units.ts';
import { isCollectorName } from '../../model/collectors.ts';
import { COMPARISONS, type Compared, type Comparison, type Watch } from '../../model/incidents/watch.ts';
import { WATCHABLE_FIELDS, type WatchableField } from './watchable_fields.ts';

const FORM = 'NAME: FIELD > NUMBER [for DURATION]';
const EXAMPLE = 'busy: cpu.usage_percent > 90 for 1s';
const NAME = /^[A-Za-z][\w-]{0,63}$/;
const SIMILAR_FIELDS = 3;

/** A watch that has been read, and not yet held against what there is to watch. */
export interface WrittenWatch {
  readonly name: string;
  readonly field: string;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly forMs: number;
}

/**
 * Takes a watch apart as it is written on the command line.
 *
 * @throws HzstatError BAD_FLAG with what is wrong, and how it is written
 */
export function parseWatch(text: string): WrittenWatch {
  const match = /^\s*([^:]*?)\s*:\s*(.+?)\s*([<>]=?)\s*(\S+)(?:\s+for\s+(\S+))?\s*$/.exec(text);
  if (match === null) {
    throw new HzstatError('BAD_FLAG', `"${text}" is not a watch: write '${FORM}', such as '${EXAMPLE}'`);
  }
  const [, name = '', field = '', sign = '', number = '', duration] = match;
  if (!NAME.test(name)) {
    throw new HzstatError(
      'BAD_FLAG',
      `"${name}" cannot name a watch: a name begins with a letter and has letters, digits, _ and - only`,
    );
  }
  const comparison = COMPARISONS.find((each) => each === sign);
  const threshold = Number(number);
  if (comparison === undefined || !Number.isFinite(threshold)) {
    const { unit } = watchableField(field) ?? { unit: '' };
    const inUnit = unit === '' ? '' : `; ${field} is in ${unit}`;
    throw new HzstatError('BAD_FLAG', `watch ${name}: "${number}" is not a number: write it alone${inUnit}`);
  }
  return { name, field, comparison, threshold, forMs: duration === undefined ? 0 : parseFor(name, duration) };
}

function parseFor(name: string, text: string): number {
  try {
    return parseDurationMs(text);
  } catch (cause) {
    throw new HzstatError('BAD_FLAG', `watch ${name}: for ${text}: ${errorMessage(cause)}`, { cause });
  }
}

/**
 * Finds the field a watch is about.
 *
 * @param ownCollectors names of collectors of the user's, whose fields nobody has declared
 * @throws HzstatError BAD_FLAG naming the nearest fields there are
 */
export function resolveWatch(written: WrittenWatch, ownCollectors: readonly string[] = []): Watch {
  const { name, field } = written;
  const known = watchableField(field);
  if (known !== undefined) {
    const { collector, compared, tellsOfInterval, unit } = known;
    return { ...written, collector, path: known.pathOf(field), compared, tellsOfInterval, unit };
  }
  const [collector = '', ...path] = field.split('.');
  if (ownCollectors.includes(collector) && path.length > 0) {
    const compared: Compared = 'value';
    return { ...written, collector, path, compared, tellsOfInterval: false, unit: '' };
  }
  throw new HzstatError('BAD_FLAG', `watch ${name}: ${unknownField(field)}`);
}

/** The condition of a watch as it is written. */
export function conditionText({ field, comparison, threshold, forMs }: WrittenWatch): string {
  return `${field} ${comparison} ${threshold}${forMs > 0 ? ` for ${formatDurationMs(forMs)}` : ''}`;
}

function watchableField(field: string): WatchableField | undefined {
  return WATCHABLE_FIELDS.find(({ pattern }) => pattern.test(field));
}

function unknownField(field: string): string {
  const [collector = ''] = field.split('.');
  const names = WATCHABLE_FIELDS.map(({ path }) => path);
  const near = nearby(field, names, SIMILAR_FIELDS);
  const isKnown = isCollectorName(collector) || collector === 'sampling';
  const what = isKnown
    ? `there is no number called "${field}"`
    : `there is no collector "${collector}" whose "${field}" could be watched`;
  return `${what}; near it are ${near.join(', ')} ("hzstat fields" lists all)`;
}

/**
 * One line of what `perf stat` prints for an event:
 *
 *     {"interval" : 0.200276813, "counter-value" : "40.000000", "unit" : "", "event" : "cycles", ...}     -j
 *          0.200424529;38;;context-switches;401908876;100.00;94.545;/sec                                  -x ';'
 *
 * The second form has no time without -I.
 */
export interface PerfLine {
  /** Seconds since perf started at the end of the interval, as printed; undefined in a final summary. */
  time: string | undefined;
  /** As perf calls it: `cycles`, `cycles:u`, `cpu_core/cycles/`. */
  event: string;
  /** What was counted in the interval, already scaled up when the counter was shared. */
  value: number | 'not counted' | 'not supported';
  unit: string | null;
  /** Share of the time the event was on a counter; undefined when perf does not say. */
  runningPercent: number | undefined;
}

export type PerfFormat = 'json' | 'separated';

/** perf's option for each format. A comma would not do as a separator: event names contain it. */
export const FORMAT_OPTIONS: Readonly<Record<PerfFormat, readonly string[]>> = {
  json: ['-j'],
  separated: ['-x', ';'],
};

/** The event on a line, or undefined for a line that holds none: comments, bare metrics, garbage. */
export function parsePerfLine(line: string, format: PerfFormat): PerfLine | undefined {
  return format === 'json' ? parseJson(line) : parseSeparated(line);
}

const NUMBER = '(?:0|[1-9]\\d*)(?:\\.\\d+)?';
const PRINTABLE = '[ !#-\\[\\]-~]';
/**
 * A line as perf prints nearly all of them, read in one go: as an object it would cost several times as much, ten
 * times a second for each event. Whatever looks otherwise is taken apart by name.
 */
const USUAL_LINE = new RegExp(
  `^\\{"interval" : ((?:0|[1-9]\\d*)\\.\\d+), "counter-value" : "(\\d+\\.\\d+)", "unit" : "(${PRINTABLE}*)", "event" : "(${PRINTABLE}+)", "event-runtime" : ${NUMBER}, "pcnt-running" : (${NUMBER}), "metric-value" : ${NUMBER}, "metric-unit" : "${PRINTABLE}*"\\}$`,
);

function parseJson(line: string): PerfLine | undefined {
  const usual = USUAL_LINE.exec(line);
  return usual === null ? parseUnusualJson(line) : usualLine(usual);
}

function usualLine([, time = '', value, unit = '', event = '', percent]: RegExpExecArray): PerfLine {
  const running = Number(percent);
  return {
    time,
    event,
    value: Number(value),
    unit: unit === '' ? null : unit,
    runningPercent: running <= 100 ? running : undefined,
  };
}

function parseUnusualJson(line: string): PerfLine | undefined {
  if (!line.startsWith('{')) return undefined;
  const fields = parseObject(line) ?? parseObject(asJson(line));
  if (fields === undefined) return undefined;
  const event = fields.event;
  const value = parseValue(fields['counter-value']);
  if (typeof event !== 'string' || event === '' || value === undefined) return undefined;
  const time = fields.interval ?? fields.timestamp;
  return {
    time: time === undefined ? undefined : timeText(line, time),
    event,
    value,
    unit: typeof fields.unit === 'string' && fields.unit !== '' ? fields.unit : null,
    runningPercent: parsePercent(fields['pcnt-running']),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Undoes what a locale with decimal commas makes of numbers, and what C prints for those that are none. */
function asJson(line: string): string {
  return line.replace(/(: "?-?\d+),(\d+)/g, '$1.$2').replace(/(: *)[-+]?(?:nan|inf(?:inity)?)\b/gi, '$1null');
}

/** The time as perf printed it: a number would lose the zeros at its end. */
function timeText(line: string, time: unknown): string | undefined {
  const printed = /"(?:interval|timestamp)" ?: ?"?(\d+[.,]\d+)/.exec(line)?.[1] ?? String(time);
  const text = printed.replace(',', '.');
  return Number.isFinite(Number(text)) ? text : undefined;
}

function parseSeparated(line: string): PerfLine | undefined {
  const fields = line.split(';').map((field) => field.trim());
  // An interval's line begins with its time, which has nine decimals; a count has fewer.
  const hasTime = /^\d+[.,]\d{9}$/.test(fields[0] ?? '');
  const [value, unit, event, , running] = hasTime ? fields.slice(1) : fields;
  const parsed = parseValue(value);
  if (parsed === undefined || event === undefined || !/^[a-z]/i.test(event)) return undefined;
  return {
    time: hasTime ? fields[0]!.replace(',', '.') : undefined,
    event,
    value: parsed,
    unit: unit || null,
    runningPercent: parsePercent(running),
  };
}

function parseValue(value: unknown): PerfLine['value'] | undefined {
  if (value === '<not supported>') return 'not supported';
  // A ratio of nothing to nothing is no count either.
  if (value === '<not counted>' || value === null) return 'not counted';
  if (typeof value === 'string' && /^[-+]?(nan|inf(inity)?)$/i.test(value)) return 'not counted';
  return parseNumber(value);
}

function parsePercent(value: unknown): number | undefined {
  const percent = parseNumber(value);
  return percent !== undefined && percent <= 100 ? percent : undefined;
}

function parseNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  if (typeof value !== 'string' || !/^\d+([.,]\d+)?$/.test(value)) return undefined;
  return Number(value.replace(',', '.'));
}

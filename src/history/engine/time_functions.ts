/** An instant as the engine's type without a time zone, whose functions do not ask a calendar; NULL for infinity. */
const PLAIN = 'make_timestamp(epoch_us(stamp))';

/** The function for instants, twice as fast for a whole question; where there is no plain instant, the engine's own. */
function ofInstant(call: (stamp: string) => string): string {
  return `coalesce(make_timestamptz(epoch_us(${call(PLAIN)})), ${call('stamp')})`;
}

/**
 * SQL that replaces `time_bucket` and `date_trunc` for TIMESTAMPTZ, which most questions about history use for every
 * row. The engine's own convert each instant to the calendar of a time zone and back. That time zone is always UTC
 * here, where the calendar of the plain type is the same. Results, types and names of columns are the engine's.
 */
export function timeFunctions(): string[] {
  const bucket = (stamp: string): string => `system.main.time_bucket(width::INTERVAL, ${stamp})`;
  const truncated = (stamp: string): string => `system.main.date_trunc(part, ${stamp})`;
  const widths = ['INTERVAL', 'VARCHAR'];
  return [
    macro('time_bucket', [
      ...widths.map((width) => [`width ${width}, stamp TIMESTAMPTZ`, ofInstant(bucket)] as const),
      ...widths.flatMap((width) =>
        ['TIMESTAMP', 'DATE'].map((type) => [`width ${width}, stamp ${type}`, bucket('stamp')] as const),
      ),
      ['width, stamp, origin', 'system.main.time_bucket(width, stamp, origin)'],
    ]),
    ...['date_trunc', 'datetrunc'].map((name) =>
      macro(name, [
        ['part VARCHAR, stamp TIMESTAMPTZ', ofInstant(truncated)],
        ...['TIMESTAMP', 'DATE', 'INTERVAL'].map(
          (type) => [`part VARCHAR, stamp ${type}`, truncated('stamp')] as const,
        ),
      ]),
    ),
  ];
}

function macro(name: string, overloads: readonly (readonly [parameters: string, body: string])[]): string {
  return `CREATE MACRO ${name} ${overloads.map(([parameters, body]) => `(${parameters}) AS ${body}`).join(', ')}`;
}

import { Option } from 'commander';
import { HzstatError } from '../../base/errors.ts';
import { parseBytes, parseDurationMs } from '../../base/units.ts';
import { parseLakePlace } from '../../forward/lake/lake_place.ts';
import { argument } from './options.ts';
import { Setting } from './setting.ts';

const MINUTE_MS = 60_000;
const MINUTES_OF_HOUR = 60;
const MINUTES_OF_DAY = 1_440;

/** Where a lake is, for a server that fills it. */
function lakeOption(): Setting {
  return new Setting(
    '--lake <place>',
    'where raw snapshots of many hosts meet as Parquet: a directory, or s3://bucket/prefix',
  )
    .example('s3://metrics/hzstat')
    .env('HZSTAT_LAKE')
    .argParser(argument(parseLakePlace));
}

/** The flag that has a question asked of a lake. */
export function askedLakeOption(): Option {
  return new Option('--lake <directory>', 'ask all hosts in a lake instead, with a column host').argParser(
    argument(parseLakePlace),
  );
}

/** The flags that say where raw snapshots are taken, and how. */
export function lakeOptions(): Option[] {
  return [
    lakeOption(),
    new Setting('--lake-period <duration>', 'what one file of the lake covers: 1m to 1h, or up to 24h')
      .env('HZSTAT_LAKE_PERIOD')
      .default(MINUTES_OF_HOUR * MINUTE_MS, '1h')
      .argParser(argument(parseLakePeriod)),
    new Setting('--lake-rate <size>', 'how many bytes a second go to the lake at most')
      .env('HZSTAT_LAKE_RATE')
      .default(10e6, '10MB')
      .argParser(argument(parseBytes)),
  ];
}

/** Whole minutes that divide an hour, or whole hours that divide a day. @throws HzstatError BAD_FLAG */
export function parseLakePeriod(text: string): number {
  const ms = parseDurationMs(text);
  const minutes = ms / MINUTE_MS;
  const dividesHour = MINUTES_OF_HOUR % minutes === 0;
  const dividesDay = minutes % MINUTES_OF_HOUR === 0 && MINUTES_OF_DAY % minutes === 0;
  if (Number.isInteger(minutes) && (dividesHour || dividesDay)) return ms;
  throw new HzstatError(
    'BAD_FLAG',
    `"${text}" is no period of a lake: whole minutes that divide an hour, such as 1m, 10m, 1h, or hours that divide a day, such as 6h`,
  );
}

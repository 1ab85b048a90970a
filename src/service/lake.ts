import { HzstatError } from '../base/errors.ts';
import { Lake } from '../forward/lake/lake.ts';
import type { History } from '../history/history.ts';
import type { HistoryOptions, LabelOptions, LakeOptions } from './settings.ts';

/** @throws HzstatError BAD_FLAG where a lake could not be filled */
export function checkLake({ lake, history }: LakeOptions & Pick<HistoryOptions, 'history'>): void {
  if (lake === undefined) return;
  if (!history)
    throw new HzstatError(
      'BAD_FLAG',
      '--lake takes what is recorded: it needs history, leave out --no-history',
    );
  Lake.check(lake);
}

/** What fills the lake that was asked for, if one was. */
export function lakeFor(
  { lake, lakeRate, label, dataDir }: LakeOptions & LabelOptions & HistoryOptions,
  history: History | undefined,
): Lake | undefined {
  if (lake === undefined || history === undefined) return undefined;
  return new Lake({ place: lake, host: label.host, bytesPerSecond: lakeRate, dataDir }, history);
}

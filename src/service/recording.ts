import { isoTimestamp } from '../base/timestamps.ts';
import { US_PER_MS } from '../base/units.ts';
import type { History } from '../history/history.ts';
import type { HistorySettings } from '../history/segments/settings.ts';
import type { WriterStatus } from '../history/writer/messages.ts';
import type { HistorySampling } from '../model/snapshot.ts';
import type { QueryService } from '../server/source/source.ts';
import type { HistoryOptions, LakeOptions } from './settings.ts';

/** Starting the process that seals costs more than sealing a minute; in ten of them it is next to nothing. */
export const JOURNAL_MS = 600_000;
/** More than ten minutes of ten snapshots a second, some fifteen seconds of a thousand. */
const JOURNAL_BYTES = 32 * 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rollups are a few hundredths of the size of what they were made of. */
const ROLLUP_RETENTION_FACTOR = 26;

export function historySettings(options: HistoryOptions & Partial<LakeOptions>): HistorySettings {
  const { dataDir, retention, retentionIncidents, retentionRollups, retentionBytes } = options;
  const periodMs = options.lake === undefined ? undefined : options.lakePeriod;
  return {
    dataDir,
    retentionMs: retention,
    incidentRetentionMs: retentionIncidents,
    rollupRetentionMs: retentionRollups ?? Math.max(retention * ROLLUP_RETENTION_FACTOR, retentionIncidents),
    retentionBytes,
    journalBytes: JOURNAL_BYTES,
    // A journal is of one period of the lake only.
    journalMs: periodMs === undefined ? JOURNAL_MS : commonDivisor(JOURNAL_MS, periodMs),
    hourMs: HOUR_MS,
    dayMs: DAY_MS,
    ...(periodMs !== undefined && { outbox: { periodMs } }),
  };
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

/**
 * History as the web side wants it.
 *
 * @param drain has recorded what has been sampled by now
 */
export function queryService(history: History, drain: () => void): QueryService {
  return {
    get status() {
      const { status } = history;
      const { segments, bytes, journalBytes, oldestMs, damagedFiles } = status;
      return {
        ...historySampling(status),
        segments,
        bytes,
        journal_bytes: journalBytes,
        ...(oldestMs.raw !== undefined && { raw_since: timeAt(oldestMs.raw) }),
        ...(oldestMs.incident !== undefined && { raw_incidents_since: timeAt(oldestMs.incident) }),
        ...(oldestMs.rollup !== undefined && { rollups_since: timeAt(oldestMs.rollup) }),
        damaged_files: damagedFiles,
      };
    },
    query: (sql, signal) => {
      drain();
      return history.query(sql, signal);
    },
    export: (sql, format, signal) => {
      drain();
      return history.export(sql, format, signal);
    },
  };
}

function timeAt(unixMs: number): string {
  return isoTimestamp(unixMs * US_PER_MS);
}

/** How recording fares, for every snapshot: made when it changes, which is seldom beside a thousand a second. */
export function historyReport(history: History): () => HistorySampling {
  let { status } = history;
  let sampling = historySampling(status);
  return () => {
    if (history.status !== status) {
      status = history.status;
      sampling = historySampling(status);
    }
    return sampling;
  };
}

/** How recording fares, in a few words. */
function historySampling({ state, lostSnapshots, message }: WriterStatus): HistorySampling {
  const sampling: HistorySampling = { state, lost_snapshots: lostSnapshots };
  if (message !== undefined) sampling.message = message;
  return sampling;
}

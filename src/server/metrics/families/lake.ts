import type { LakeStatus } from '../../../base/lake_status.ts';
import { counter, type Family, gauge } from '../../../series/family.ts';

export const LAKE_FAMILIES: readonly Family<LakeStatus>[] = [
  counter(
    'hzstat_lake_uploaded_files_total',
    'Files that were uploaded to the lake.',
    ({ uploaded_files }) => uploaded_files,
  ),
  counter(
    'hzstat_lake_uploaded_bytes_total',
    'Bytes of files that were uploaded to the lake.',
    ({ uploaded_bytes }) => uploaded_bytes,
  ),
  counter(
    'hzstat_lake_failed_attempts_total',
    'Attempts to upload that failed and were or will be made again.',
    ({ failed_attempts }) => failed_attempts,
  ),
  counter(
    'hzstat_lake_lost_files_total',
    'Files that were removed before they were uploaded, for want of room.',
    ({ lost_files }) => lost_files,
  ),
  gauge('hzstat_lake_waiting_files', 'Files that wait to be uploaded.', ({ waiting_files }) => waiting_files),
  gauge(
    'hzstat_lake_waiting_bytes',
    'Bytes of files that wait to be uploaded.',
    ({ waiting_bytes }) => waiting_bytes,
  ),
  gauge(
    'hzstat_lake_failing',
    'Whether the last attempt to upload failed.',
    ({ state }) => state === 'failing',
  ),
];

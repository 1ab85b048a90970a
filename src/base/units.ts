import { HzstatError } from './errors.ts';

export const MS_PER_SECOND = 1_000;
export const US_PER_MS = 1_000;
export const NS_PER_US = 1_000;
export const NS_PER_MS = 1_000_000;
export const NS_PER_SECOND = 1_000_000_000;
export const BYTES_PER_KIB = 1_024;
/** The block layer counts in 512-byte sectors whatever the device's own sector size is. */
export const BYTES_PER_SECTOR = 512;

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * A duration as users write it (`100ms`, `1.5s`, `5m`, `7d`) in milliseconds. A bare number is refused: nobody
 * can know which unit it was meant in.
 *
 * @throws HzstatError BAD_FLAG when the text is not a positive number followed by us, ms, s, m, h or d
 */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h|d)$/.exec(text.trim());
  const value = Number(match?.[1]);
  const unitMs = MS_PER_UNIT[match?.[2] ?? ''];
  if (unitMs === undefined || !(value > 0)) {
    throw new HzstatError('BAD_FLAG', `"${text}" is not a duration: write 100ms, 1s, 5m, 2h or 7d`);
  }
  return value * unitMs;
}

/** The shortest exact way to write a duration: 100 → `100ms`, 60000 → `1m`. */
export function formatDurationMs(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const unitMs = MS_PER_UNIT[unit]!;
    if (ms >= unitMs && ms % unitMs === 0) return `${ms / unitMs}${unit}`;
  }
  return ms >= 1 || ms === 0 ? `${Number(ms.toFixed(3))}ms` : `${Number((ms * 1000).toFixed(3))}us`;
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/**
 * A size as users write it (`500MB`, `1.5GB`, `20GiB`) in bytes.
 *
 * @throws HzstatError BAD_FLAG when the text is not a positive number followed by a unit
 */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([MGT]i?B)$/.exec(text.trim());
  const unitBytes = BYTES_PER_UNIT[match?.[2] ?? ''];
  const value = Number(match?.[1]);
  if (unitBytes === undefined || !(value > 0)) {
    throw new HzstatError('BAD_FLAG', `"${text}" is not a size: write 500MB, 50GB or 20GiB`);
  }
  return value * unitBytes;
}

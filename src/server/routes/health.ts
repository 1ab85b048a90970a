import { monotonicNs } from '../../base/clock.ts';
import { NS_PER_MS } from '../../base/units.ts';
import type { StreamSource } from '../source/source.ts';

/** Sampling that is late by more than this, or by several intervals, stands still. */
const SHORTEST_STALL_MS = 2_000;
const STALL_INTERVALS = 3;

export interface Health {
  status: 'ok' | 'starting' | 'stalled';
  uptime_seconds: number;
  interval_ms: number;
  /** Age of the latest snapshot; absent before the first. */
  snapshot_age_ms?: number;
  sequence?: number;
  missed_ticks?: number;
}

/** Whether snapshots come as they should. */
export function healthOf(source: StreamSource): Health {
  const { latest, intervalMs } = source;
  const health: Health = {
    status: 'starting',
    uptime_seconds: Math.round(process.uptime() * 1000) / 1000,
    interval_ms: intervalMs,
  };
  if (latest === undefined) return health;
  // By the monotonic clock: setting the wall clock makes no snapshot older.
  const dueMs = latest.sampling.tick * latest.sampling.interval_ms;
  health.snapshot_age_ms = Math.round(monotonicNs() / NS_PER_MS - dueMs);
  health.sequence = latest.sequence;
  health.missed_ticks = latest.sampling.missed_ticks;
  const stalledMs = Math.max(SHORTEST_STALL_MS, STALL_INTERVALS * intervalMs);
  health.status = health.snapshot_age_ms > stalledMs ? 'stalled' : 'ok';
  return health;
}

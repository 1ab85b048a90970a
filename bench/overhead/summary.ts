import { median, type Spread, spread } from '../measure/statistics.ts';
import type { Sample } from './contender.ts';

const PERCENT = 100;

/** What all windows of a contender come to: medians of costs, all latencies together. */
export interface Summary {
  readonly cpu_us: number;
  readonly user_us: number;
  readonly system_us: number;
  readonly children_us: number;
  readonly core_percent: number;
  readonly pss_bytes: number;
  readonly switches: number;
  readonly missed_ticks: number;
  readonly snapshots: number;
  /** Ticks sampled before the next one was due, of all ticks there were. Known where a client listened. */
  readonly on_time_percent?: number;
  readonly lateness_ms?: Spread;
  readonly latency_ms?: Spread;
  readonly bytes_per_frame?: number;
}

/** CPU and switches are per snapshot. */
export function summarise(samples: readonly Sample[], hz: number): Summary {
  const middle = (of: (sample: Sample) => number): number => median(samples.map(of)) ?? Number.NaN;
  const total = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0);
  const received = samples.flatMap(({ received }) => received ?? []);
  const lateness = spread(received.flatMap(({ lateness }) => lateness));
  const latency = spread(received.flatMap(({ latencies }) => latencies));
  const frames = received.reduce((sum, { frames }) => sum + frames, 0);
  const bytes = received.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    cpu_us: middle(({ usage, snapshots }) => usage.cpuUs / snapshots),
    user_us: middle(({ usage, snapshots }) => usage.userUs / snapshots),
    system_us: middle(({ usage, snapshots }) => usage.systemUs / snapshots),
    children_us: middle(({ usage, snapshots }) => usage.childrenUs / snapshots),
    core_percent: middle(({ usage }) => (PERCENT * usage.cpuUs) / usage.elapsedUs),
    pss_bytes: Math.max(...samples.map(({ pssBytes }) => pssBytes)),
    switches: middle(({ usage, snapshots }) => usage.switches / snapshots),
    missed_ticks: total(({ missed }) => missed),
    snapshots: Math.round(total(({ snapshots }) => snapshots)),
    ...(frames > 0 && { bytes_per_frame: bytes / frames, on_time_percent: onTimePercent(received, hz) }),
    ...(lateness && { lateness_ms: lateness }),
    ...(latency && { latency_ms: latency }),
  };
}

/** A tick that was missed, or read after the next was due, was not on time. */
export function onTimePercent(
  received: readonly { lateness: readonly number[]; missed: number }[],
  hz: number,
): number {
  const intervalMs = 1_000 / hz;
  let ticks = 0;
  let onTime = 0;
  for (const { lateness, missed } of received) {
    ticks += lateness.length + missed;
    onTime += lateness.filter((ms) => ms < intervalMs).length;
  }
  return (PERCENT * onTime) / ticks;
}

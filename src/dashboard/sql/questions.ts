/** Ready-made questions: those of docs/history.md. */
export interface Question {
  readonly title: string;
  readonly sql: string;
}

export const QUESTIONS: readonly Question[] = [
  {
    title: 'the worst 100 ms of the last hour',
    sql: `SELECT timestamp, usage_percent FROM cpu WHERE timestamp > now() - INTERVAL 1 hour ORDER BY usage_percent DESC LIMIT 1;`,
  },
  {
    title: 'percentiles of CPU, minute by minute',
    sql: `SELECT time_bucket(INTERVAL 1 minute, timestamp) AS minute,
       quantile_cont(usage_percent, [0.5, 0.99, 0.999]) AS p50_p99_p999 FROM cpu GROUP BY minute ORDER BY minute;`,
  },
  {
    title: 'what disk writes did while page faults spiked',
    sql: `SELECT m.timestamp, m.pgfault_per_sec, d.write_bytes_per_sec
FROM memory_bandwidth m ASOF JOIN disk d USING (timestamp) ORDER BY m.pgfault_per_sec DESC LIMIT 20;`,
  },
  {
    title: 'cores sorted by imbalance',
    sql: `SELECT core, avg(usage_percent) AS busy, max(usage_percent) - min(usage_percent) AS swing
FROM cpu_core GROUP BY core ORDER BY swing DESC;`,
  },
  {
    title: 'seconds in which the sampler itself was late',
    sql: `SELECT timestamp, lateness_ms_max FROM sampling_1s WHERE lateness_ms_max > 5 ORDER BY timestamp;`,
  },
];

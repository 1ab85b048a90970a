import { MS_PER_SECOND } from '../../base/units.ts';

const US_PER_SECOND = 1e6;

/** The process that samples, at the moment it is asked. */
export interface ProcessFacts {
  readonly version: string;
  readonly nodeVersion: string;
  /** CPU time of all its threads since it started; child processes are not in it. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Unix time. */
  readonly startedSeconds: number;
  /** How many incidents there have been, by watch; undefined where nothing is watched. */
  readonly incidents?: ReadonlyMap<string, number> | undefined;
}

/** Of this process, now. */
export function processFacts(version: string): ProcessFacts {
  const { user, system } = process.cpuUsage();
  return {
    version,
    nodeVersion: process.versions.node,
    cpuSeconds: (user + system) / US_PER_SECOND,
    residentBytes: process.memoryUsage.rss(),
    startedSeconds: performance.timeOrigin / MS_PER_SECOND,
  };
}

import { HzstatError } from '../../base/errors.ts';
import { EXTRA_COLLECTORS } from '../../model/collectors.ts';
import type { Watch } from '../../model/incidents/watch.ts';
import { defaultWatches } from './default_watches.ts';
import { conditionText, resolveWatch, type WrittenWatch } from './watch_syntax.ts';

/** The sampler's account of itself is there whatever runs. */
const ALWAYS = 'sampling';

export interface WatchListOptions {
  /** Watches that were asked for; one of a default's name stands in its place. */
  readonly watch: readonly WrittenWatch[];
  /** False for none at all. */
  readonly watches: boolean;
  readonly intervalMs: number;
  /** Names of the collectors of the user's. */
  readonly ownCollectors: readonly string[];
}

/** A watch as people are told of it. */
export interface WatchStatus {
  readonly name: string;
  readonly condition: string;
  readonly state: 'active' | 'inactive';
  /** What would make an inactive one active. */
  readonly needs?: string;
}

/** All watches there are to be. @throws HzstatError BAD_FLAG for one of a field that does not exist, or two of a name */
export function watchList({ watch, watches, intervalMs, ownCollectors }: WatchListOptions): readonly Watch[] {
  if (!watches) return [];
  const asked = watch.map((written) => resolveWatch(written, ownCollectors));
  const names = new Set<string>();
  for (const { name } of asked) {
    if (names.has(name))
      throw new HzstatError('BAD_FLAG', `there are two watches called ${name}: give each a name of its own`);
    names.add(name);
  }
  return [...defaultWatches(intervalMs).filter(({ name }) => !names.has(name)), ...asked];
}

/** What each watch does: a watch never starts a collector. */
export function watchStatuses(watches: readonly Watch[], running: ReadonlySet<string>): WatchStatus[] {
  return watches.map((watch) => {
    const { name, collector } = watch;
    const condition = conditionText(watch);
    if (collector === ALWAYS || running.has(collector)) return { name, condition, state: 'active' };
    return { name, condition, state: 'inactive', needs: flagFor(collector) };
  });
}

/** The flag with which a collector would run. */
function flagFor(collector: string): string {
  const isExtra = EXTRA_COLLECTORS.some((name) => name === collector);
  return isExtra ? `--collectors default,${collector}` : `--collectors …,${collector}`;
}

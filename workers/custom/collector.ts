/** What a custom collector receives about the host it reads. */
export interface CollectorHost {
  /** Prefix of /proc and /sys, without a trailing slash: the empty text for the running host. */
  readonly rootfs: string;
}

/** What may stand in a snapshot. A field that is undefined is left out; NaN and infinities become null. */
export type CollectorValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | readonly CollectorValue[]
  | { readonly [field: string]: CollectorValue };

/**
 * A collector of your own, run in a thread of its own by `hzstat serve --collector ./my.js`. The module's default
 * export is a class of these, or a function that returns one; either is given a {@link CollectorHost}.
 */
export interface Collector {
  /** Its key in snapshots, streams and history: a lower-case letter, then letters, digits and underscores. */
  readonly name: string;
  /**
   * One sample; called at every tick. It must come at once, not as a promise: the thread does nothing else, so
   * waiting harms nobody, but a sample that takes longer than the interval costs its ticks. `null` says that there
   * is nothing to tell yet, as for a rate before its second reading. An error thrown here is reported under
   * `sampling`, and the next tick tries again. At most 1,000 values, nested at most 8 deep.
   */
  collect(): { readonly [field: string]: CollectorValue } | null;
  /** Called before the first tick and whenever the interval changes. */
  start?(intervalNs: number): void;
  /** Forgets previous readings: a pause lies between them and the next. */
  reset?(): void;
  /** Releases what it holds. */
  close?(): void;
  /**
   * Whether it lives on events (timers, sockets, child processes) between its ticks. Its ticks are then accurate to
   * a millisecond, instead of to tens of microseconds.
   */
  readonly waitsInEventLoop?: boolean;
}

/** What the default export of a module must be. */
export type CollectorModule =
  | (new (
      host: CollectorHost,
    ) => Collector)
  | ((host: CollectorHost) => Collector | Promise<Collector>);

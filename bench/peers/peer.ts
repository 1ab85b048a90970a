/** A program that samples a machine, as it would be run for the same work. */
export interface Peer {
  readonly name: string;
  /** What it does beyond reading. */
  readonly does: string;
  /** The rates it can be asked for. */
  readonly rates: readonly number[];
  /** Why it cannot run here; undefined when it can. */
  absence(): string | undefined;
  start(hz: number): Promise<RunningPeer>;
}

/** A peer at work. */
export interface RunningPeer {
  /** The processes that do the work, apart from those they started. */
  readonly pids: readonly number[];
  /** Samples taken so far; undefined where only the end can tell, or nothing can. */
  taken?(): Promise<number>;
  /** Ends it; what it wrote is gone afterwards. Returns the samples of its whole life where only now they can be counted. */
  stop(): Promise<number | undefined>;
}

/** What a benchmark asks of a process of readers. */
export type ToReaders =
  /** Opens a number of connections; one in `decodeEvery` decodes what it receives. */
  | { type: 'connect'; url: string; connections: number; decodeEvery: number }
  /** Counts anew from now on. */
  | { type: 'begin' }
  /** Asks for what was received since. */
  | { type: 'end' };

/** What readers received in a window. Times in milliseconds. */
export interface Received {
  readonly frames: number;
  readonly bytes: number;
  /** From the moment a tick was due to the arrival of its snapshot, on the connections that decode. */
  readonly latencies: readonly number[];
  /** From the moment a tick was due to the last of its reads, as the sampler says. */
  readonly lateness: readonly number[];
  /** Ticks missed in the window, as the sampler says. */
  readonly missed: number;
  /** Connections that were lost. */
  readonly lost: number;
}

export type FromReaders =
  | { type: 'connected' }
  /** The first snapshot any connection received, on the clock all processes share. */
  | { type: 'first-snapshot'; atNs: number }
  | { type: 'received'; received: Received };

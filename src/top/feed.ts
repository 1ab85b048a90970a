import type { Incident } from '../model/incidents/incident.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Link } from './view/view.ts';

/** What a feed passes to the view. */
export interface FeedListener {
  snapshots(snapshots: readonly Snapshot[]): void;
  /** What has happened lately, the newest first: all of it, each time something begins or is over. */
  incidents(incidents: readonly Incident[]): void;
  /** The way to the sampler changed, or who is at its end. */
  link(link: Link, origin: string): void;
}

/** Where snapshots come from: a server, or a sampler in this process. */
export interface Feed {
  start(listener: FeedListener): void;
  /**
   * What was before a time, as far as it is kept, oldest first and at most one snapshot a second; absent where
   * nothing is.
   *
   * @throws HzstatError SERVER_UNREACHABLE
   */
  before?(timestamp: string, spanMs: number): Promise<readonly Snapshot[]>;
  stop(): Promise<void>;
}

import type { PackedSnapshot } from '../../records/packed_snapshot.ts';
import { EncodedSnapshot } from '../../wire/encoded_snapshot.ts';
import { RecordsEncoder } from '../../wire/records/records_encoder.ts';
import type { EncodedFrame } from '../clients/encoded_frame.ts';
import type { StreamClient } from '../clients/stream_client.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { ThinnedSnapshot } from '../thinning/thinned_snapshot.ts';
import { Thinning } from '../thinning/thinning.ts';
import { CollectorSelection } from './collector_selection.ts';
import { snapshotJson } from './snapshot_json.ts';

/** All clients that want the same bytes: each frame is made once for all of them. */
export class Topic {
  readonly clients = new Set<StreamClient>();
  readonly subscription: Subscription;
  /** Of the past its first client catches up with. */
  readonly thinning: Thinning;
  readonly #selection: CollectorSelection | undefined;
  readonly #records: RecordsEncoder | undefined;

  constructor(subscription: Subscription) {
    const { intervalMs, aggregate, collectors, format, protocol } = subscription;
    this.subscription = subscription;
    this.thinning = new Thinning(intervalMs, aggregate === 'minmax');
    if (collectors !== undefined) this.#selection = new CollectorSelection(collectors);
    if (format === 'msgpack-records') this.#records = new RecordsEncoder(protocol);
  }

  /** The frames these snapshots become, which are as many as the subscription wants. */
  frames(snapshots: readonly EncodedSnapshot[]): EncodedFrame[] {
    return snapshots.map((snapshot) => this.#encode(this.#select(snapshot)));
  }

  /** Whether a snapshot becomes the same frame whatever came before it: neither thinned, nor told by layouts. */
  get isStateless(): boolean {
    return this.subscription.intervalMs === 0 && this.#records === undefined;
  }

  /** The frames that snapshots of the past become, which are thinned here. */
  replay(snapshots: readonly PackedSnapshot[]): EncodedFrame[] {
    return this.frames(snapshots.flatMap((packed) => this.thinning.add(new EncodedSnapshot(packed))));
  }

  #select(snapshot: EncodedSnapshot): EncodedSnapshot {
    const selection = this.#selection;
    if (selection === undefined) return snapshot;
    const isThinned = snapshot instanceof ThinnedSnapshot;
    const { means, extremes } = isThinned ? snapshot : { means: snapshot.packed, extremes: undefined };
    return new EncodedSnapshot(selection.of(means, extremes));
  }

  #encode(snapshot: EncodedSnapshot): EncodedFrame {
    if (this.#records !== undefined) return this.#records.encode(snapshot.packed);
    return this.subscription.format === 'json' ? snapshotJson(snapshot.packed) : snapshot.frame;
  }
}

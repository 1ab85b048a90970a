import type { Snapshot } from '../shared/snapshot.ts';
import { SnapshotPacker } from '../shared/snapshot_packer.ts';
import { decodeFrame } from '../wire/codec.ts';
import type { EncodedSnapshot } from '../wire/encoded_snapshot.ts';
import { RecordsEncoder } from '../wire/records_encoder.ts';
import { type EncodedFrame, encode } from './encoded_frame.ts';
import type { StreamClient } from './stream_client.ts';
import type { Subscription } from './subscription.ts';
import { Thinning } from './thinning.ts';

/** All clients that want the same bytes: each frame is made once for all of them. */
export class Topic {
  readonly clients = new Set<StreamClient>();
  readonly subscription: Subscription;
  readonly #thinning: Thinning;
  readonly #records: RecordsEncoder | undefined;
  readonly #packer = new SnapshotPacker();

  constructor(subscription: Subscription) {
    this.subscription = subscription;
    this.#thinning = new Thinning(subscription.intervalMs, subscription.aggregate === 'minmax');
    if (subscription.format === 'msgpack-records') this.#records = new RecordsEncoder();
  }

  /** Whether the frames of this topic hold what the snapshots hold, no more and no less. */
  get #whole(): boolean {
    const { intervalMs, collectors } = this.subscription;
    return intervalMs === 0 && collectors === undefined;
  }

  /** The frames these snapshots become for this topic. */
  frames(snapshots: readonly EncodedSnapshot[]): EncodedFrame[] {
    if (this.#whole) {
      if (this.subscription.format === 'msgpack') return snapshots.map(({ frame }) => frame);
      const records = this.#records;
      if (records !== undefined) return snapshots.map(({ packed }) => records.encode(packed));
    }
    return snapshots.flatMap(({ snapshot }) => this.#transform(snapshot));
  }

  /** The same for frames from memory or from a journal. */
  replay(frames: readonly { readonly frame: Uint8Array }[]): EncodedFrame[] {
    if (this.#whole && this.subscription.format === 'msgpack') return frames.map(({ frame }) => frame);
    return frames.flatMap(({ frame }) => {
      const decoded = decodeFrame(frame);
      return decoded.type === 'snapshot' ? this.#transform(decoded) : [];
    });
  }

  #transform(snapshot: Snapshot): EncodedFrame[] {
    const { collectors, format } = this.subscription;
    return this.#thinning.add(snapshot).map((thinned) => {
      const wanted = collectors === undefined ? thinned : only(thinned, collectors);
      return this.#records === undefined
        ? encode(wanted, format)
        : this.#records.encode(this.#packer.pack(wanted));
    });
  }
}

/** The snapshot without the collectors that are not wanted, in `sampling` either. */
function only(snapshot: Snapshot, collectors: readonly string[]): Snapshot {
  const { type, sequence, timestamp, sampling, minimum, maximum } = snapshot;
  const states: typeof sampling.collectors = {};
  for (const name of collectors) {
    const state = sampling.collectors[name];
    if (state !== undefined) states[name] = state;
  }
  return {
    type,
    sequence,
    timestamp,
    ...pick(snapshot, collectors),
    ...(minimum !== undefined && { minimum: pick(minimum, collectors) }),
    ...(maximum !== undefined && { maximum: pick(maximum, collectors) }),
    sampling: { ...sampling, collectors: states },
  };
}

function pick(from: object, names: readonly string[]): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...from };
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));
}

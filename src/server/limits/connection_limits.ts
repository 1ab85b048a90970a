import { HzstatError } from '../../base/errors.ts';
import { Allowance } from './allowance.ts';
import type { Peer } from './peer.ts';
import { PeerAllowances } from './peer_allowances.ts';

/** How many connections there may be, and how fast new ones may come. */
export interface ConnectionLimitSettings {
  /** Open at the same time. */
  readonly connections: number;
  /** Streams one peer may have open. */
  readonly streamsPerPeer: number;
  /** New in a second, from everybody; twice as many at once. */
  readonly newPerSecond: number;
  /** New in a second, from one peer; twice as many at once. */
  readonly newPerSecondPerPeer: number;
}

export const DEFAULT_CONNECTION_LIMITS: ConnectionLimitSettings = {
  connections: 4_096,
  streamsPerPeer: 256,
  newPerSecond: 2_000,
  newPerSecondPerPeer: 50,
};

/** How many connections beyond the limit are accepted, only to answer that there are too many. */
const TOLD_SHARE = 0.05;
/** How long a peer that connected too often gets an answer that says so, before it is simply cut. */
const REFUSED_FOR_MS = 1_000;
const MOST_REFUSED = 10_000;
/** With more than this share in use, connections are not kept open for a second request. */
const KEEP_ALIVE_SHARE = 0.5;

/**
 * Counts connections, so that no crowd costs the sampler its ticks or its file descriptors. The address of this
 * machine itself stands for many programs and proxies, so only the limits over all apply to it.
 */
export class ConnectionLimits {
  readonly #settings: ConnectionLimitSettings;
  readonly #now: () => number;
  readonly #arrivals: Allowance;
  readonly #peerArrivals: PeerAllowances;
  readonly #peerRefusals: PeerAllowances;
  /** When a peer last came too often. */
  readonly #refusedMs = new Map<string, number>();
  readonly #streams = new Map<string, number>();
  #open = 0;

  constructor(settings: ConnectionLimitSettings, now: () => number = () => performance.now()) {
    const { newPerSecond, newPerSecondPerPeer } = settings;
    this.#settings = settings;
    this.#now = now;
    this.#arrivals = new Allowance(newPerSecond, 2 * newPerSecond);
    this.#peerArrivals = new PeerAllowances(newPerSecondPerPeer, 2 * newPerSecondPerPeer);
    this.#peerRefusals = new PeerAllowances(newPerSecondPerPeer, 2 * newPerSecondPerPeer);
  }

  /** Counts a new connection; false when it is to be cut at once because there is no room even for an answer. */
  opened(peer: Peer): boolean {
    this.#open++;
    const nowMs = this.#now();
    if (this.#open > this.#settings.connections * (1 + TOLD_SHARE)) return false;
    if (!this.#arrivals.take(nowMs)) return false;
    if (peer === undefined || this.#peerArrivals.take(peer, nowMs)) return true;
    if (this.#refusedMs.size >= MOST_REFUSED) this.#refusedMs.clear();
    this.#refusedMs.set(peer, nowMs);
    return this.#peerRefusals.take(peer, nowMs);
  }

  closed(): void {
    this.#open--;
  }

  /** Whether a connection may stay open after its answer. */
  get keepsAlive(): boolean {
    return this.#open <= this.#settings.connections * KEEP_ALIVE_SHARE;
  }

  /**
   * For every request.
   *
   * @throws HzstatError TOO_MANY_CONNECTIONS, TOO_MANY_REQUESTS
   */
  requireRoom(peer: Peer): void {
    const { connections, newPerSecondPerPeer } = this.#settings;
    if (peer !== undefined && this.#isRefused(peer)) {
      throw new HzstatError(
        'TOO_MANY_REQUESTS',
        `your address opens more than ${newPerSecondPerPeer} connections a second; keep one open`,
      );
    }
    if (this.#open <= connections) return;
    throw new HzstatError(
      'TOO_MANY_CONNECTIONS',
      `this server has all of the ${connections} connections it may have; try again later`,
    );
  }

  /** Whether a peer came too often a moment ago: what it asks now may come over any of its connections. */
  #isRefused(peer: string): boolean {
    const sinceMs = this.#refusedMs.get(peer);
    if (sinceMs === undefined) return false;
    if (this.#now() - sinceMs < REFUSED_FOR_MS) return true;
    this.#refusedMs.delete(peer);
    return false;
  }

  /**
   * Counts a stream about to begin.
   *
   * @throws HzstatError TOO_MANY_STREAMS
   */
  streamOpened(peer: Peer): void {
    if (peer === undefined) return;
    const streams = this.#streams.get(peer) ?? 0;
    const { streamsPerPeer } = this.#settings;
    if (streams >= streamsPerPeer) {
      throw new HzstatError(
        'TOO_MANY_STREAMS',
        `there are ${streams} streams to your address, and no more are given`,
      );
    }
    this.#streams.set(peer, streams + 1);
  }

  /** A stream ended. */
  streamClosed(peer: Peer): void {
    if (peer === undefined) return;
    const streams = (this.#streams.get(peer) ?? 1) - 1;
    if (streams === 0) this.#streams.delete(peer);
    else this.#streams.set(peer, streams);
  }
}

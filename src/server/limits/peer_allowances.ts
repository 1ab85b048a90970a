import { Allowance } from './allowance.ts';
import type { Peer } from './peer.ts';

/** Peers remembered at once; beyond that those that have spent nothing of late are forgotten. */
const MOST_PEERS = 10_000;

/** An allowance for each peer, apart from this machine itself, which needs none. */
export class PeerAllowances {
  readonly #perSecond: number;
  readonly #atOnce: number;
  readonly #allowances = new Map<string, Allowance>();

  constructor(perSecond: number, atOnce: number) {
    this.#perSecond = perSecond;
    this.#atOnce = atOnce;
  }

  /** Spends one of the peer's; false when there is none left. */
  take(peer: Peer, nowMs: number): boolean {
    if (peer === undefined) return true;
    let allowance = this.#allowances.get(peer);
    if (allowance === undefined) {
      if (this.#allowances.size >= MOST_PEERS) this.#forget(nowMs);
      allowance = new Allowance(this.#perSecond, this.#atOnce);
      this.#allowances.set(peer, allowance);
    }
    return allowance.take(nowMs);
  }

  isSpent(peer: Peer, nowMs: number): boolean {
    return peer !== undefined && (this.#allowances.get(peer)?.isSpent(nowMs) ?? false);
  }

  #forget(nowMs: number): void {
    for (const [peer, allowance] of this.#allowances) {
      if (allowance.isWhole(nowMs)) this.#allowances.delete(peer);
    }
    // An attack from more addresses than that: better to be lenient than to run out of memory.
    if (this.#allowances.size >= MOST_PEERS) this.#allowances.clear();
  }
}

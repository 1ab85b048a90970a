/** Of one core, what looking at all processes may take while nothing happens. */
const QUIET_SHARE = 0.0005;
const SHORTEST_QUIET_MS = 1_000;
const LONGEST_QUIET_MS = 60_000;
/** The same while something happens. */
const BUSY_SHARE = 0.01;
const SHORTEST_BUSY_MS = 200;
const LONGEST_BUSY_MS = 10_000;
/** An incident that has lasted for long is looked at less often: every this part of its age. */
const PART_OF_AGE = 10;
/** Looks at what may become an incident: saved up for so long, of the same share as while nothing happens. */
const SAVED_MS = 20;

/** How often to look at all processes, by what a look costs on this host. */
export class LookPace {
  /** What a look took of a core, at worst lately. */
  #costMs = 5;
  /** Token bucket of looks that are only worth it if something comes of them. */
  #tokensMs = SAVED_MS;
  #refilledMs = performance.now();

  looked(costMs: number): void {
    // Follows a rise at once, and a fall slowly.
    this.#costMs = Math.max(costMs, this.#costMs + (costMs - this.#costMs) / 4);
  }

  /** Until the next look while nothing happens. */
  get quietMs(): number {
    return clamp(this.#costMs / QUIET_SHARE, SHORTEST_QUIET_MS, LONGEST_QUIET_MS);
  }

  /** Until the next look while an incident of that age lasts. */
  busyMs(ageMs: number): number {
    const least = Math.max(SHORTEST_BUSY_MS, this.#costMs / BUSY_SHARE);
    return clamp(ageMs / PART_OF_AGE, least, Math.max(least, LONGEST_BUSY_MS));
  }

  /** Whether a look on mere suspicion can be afforded; takes it from what is saved. */
  takeSuspicion(nowMs = performance.now()): boolean {
    const earned = (nowMs - this.#refilledMs) * QUIET_SHARE;
    this.#tokensMs = Math.min(SAVED_MS + this.#costMs, this.#tokensMs + earned);
    this.#refilledMs = nowMs;
    if (this.#tokensMs < this.#costMs) return false;
    this.#tokensMs -= this.#costMs;
    return true;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

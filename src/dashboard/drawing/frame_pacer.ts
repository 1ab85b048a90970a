/** Screens show no more of what changes this often. */
const SHORTEST_MS = 90;
/** For those who want less motion. */
const CALM_MS = 1_000;

/**
 * Draws when there is something to draw, at most about ten times a second, or once a second for those who asked their
 * system for less motion; never while nobody can see the page.
 */
export class FramePacer {
  readonly #draw: () => void;
  readonly #lessMotion = matchMedia('(prefers-reduced-motion: reduce)');
  #wanted = false;
  #scheduled = false;
  #drawnAt = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#wanted) this.#schedule(0);
    });
  }

  /** Something changed. `now`: by the viewer's hand, who must not be kept waiting. */
  request(now = false): void {
    this.#wanted = true;
    if (this.#scheduled && !now) return;
    if (document.hidden) return;
    const shortest = this.#lessMotion.matches ? CALM_MS : SHORTEST_MS;
    const wait = now ? 0 : shortest - (performance.now() - this.#drawnAt);
    this.#schedule(wait);
  }

  #schedule(wait: number): void {
    this.#scheduled = true;
    if (wait > 8) {
      setTimeout(() => requestAnimationFrame(this.#frame), wait - 8);
    } else requestAnimationFrame(this.#frame);
  }

  readonly #frame = (): void => {
    this.#scheduled = false;
    if (!this.#wanted || document.hidden) return;
    this.#wanted = false;
    this.#drawnAt = performance.now();
    this.#draw();
  };
}

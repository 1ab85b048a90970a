import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_PIECE_MS, type WorkBudget } from '../limits/work_budget.ts';
import type { CatchUpMember, Turn } from './catch_up_member.ts';

/** Those who read from the record at the same time. */
const PLACES = 4;

/**
 * Where clients wait that catch up from the record: reading takes memory and time, so only a few do at once, and all
 * of them share a budget of working time. First come, first served; who has to wait for his own client gives the
 * place back meanwhile, or a few that do not read would hold up everybody (head-of-line blocking).
 */
export class CatchUpLine {
  readonly #budget: WorkBudget;
  readonly #waiting: (() => void)[] = [];
  /** Those who wait together, because they want the same from the same place on. */
  readonly #together = new Map<string, CatchUpMember[]>();
  #free = PLACES;

  constructor(budget: WorkBudget) {
    this.#budget = budget;
  }

  /**
   * Waits for a turn and takes it, together with all who want the same by then: one reader serves them all.
   *
   * @param sameness what those have in common whose frames are the same; undefined for a client with frames of its own
   * @param take sends to all members what there is, and has each leave in its time
   */
  async take(
    sameness: string | undefined,
    member: CatchUpMember,
    take: (members: CatchUpMember[]) => Promise<void>,
  ): Promise<Turn> {
    const others = sameness === undefined ? undefined : this.#together.get(sameness);
    if (others !== undefined) {
      others.push(member);
      return member.turn;
    }
    const members = [member];
    if (sameness !== undefined) this.#together.set(sameness, members);
    const leave = await this.enter();
    if (sameness !== undefined) this.#together.delete(sameness);
    take(members)
      .catch((error: unknown) => {
        for (const one of members) one.fail(error);
      })
      .finally(leave);
    return member.turn;
  }

  /** Waits for a place; the returned function gives it back, once. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }

  /** Does a piece of work, and waits until the budget bears the next. */
  async pay<T>(work: () => T): Promise<T> {
    const result = this.#budget.pay(work);
    await this.pause();
    return result;
  }

  /** Counts time that passed over a piece of work. */
  spend(ms: number): void {
    this.#budget.spend(Math.min(ms, LONGEST_PIECE_MS));
  }

  /** Waits until the budget bears more. */
  async pause(): Promise<void> {
    const { waitMs } = this.#budget;
    if (waitMs > 0) await delay(waitMs);
  }
}

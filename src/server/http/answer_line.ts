import { setTimeout as delay } from 'node:timers/promises';
import { WorkBudget } from '../limits/work_budget.ts';

/** Of one core, what answers may take, and how much of that may be saved up. */
const ANSWERING_SHARE = 0.4;
const MOST_SAVED_MS = 500;

/**
 * Answers made on the event loop, within a budget of working time. Beyond it they wait for their turn, first come,
 * first served: every connection has one request under way, so that the line is as long as there are connections.
 */
export class AnswerLine {
  readonly #budget: WorkBudget;
  #last: Promise<void> | undefined;

  constructor(budget = new WorkBudget(ANSWERING_SHARE, MOST_SAVED_MS)) {
    this.#budget = budget;
  }

  /** Makes an answer now, or when it can be afforded; @param isUrgent whether it is made now in any case. */
  answer(make: () => void, isUrgent: boolean): void {
    if (isUrgent || (this.#last === undefined && !this.#budget.isSpent)) {
      this.#budget.pay(make);
      return;
    }
    const before = this.#last ?? Promise.resolve();
    const turn = before.then(async () => {
      while (this.#budget.isSpent) await delay(this.#budget.waitMs);
      this.#budget.pay(make);
      if (this.#last === turn) this.#last = undefined;
    });
    this.#last = turn;
  }
}

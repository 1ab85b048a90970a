/** A connection whose client takes nothing of its answer for so long is cut. */
export const LONGEST_STALL_MS = 120_000;

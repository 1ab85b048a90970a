import type { RowDemand } from '../drawing/fit.ts';
import type { Region } from '../drawing/region.ts';
import type { Moment, View } from '../view/view.ts';

/**
 * Ranks that all panels share, so that in a small terminal the same kinds of detail go first everywhere: list items
 * take fractions above their rank, the later the higher.
 */
export const RANK = {
  essential: 0,
  main: 1,
  detail: 2,
  item: 3,
  more: 4,
  spare: 5,
  gap: 6,
} as const;

/** The rank of one of a list: the first says most. */
export function itemRank(index: number): number {
  return index === 0 ? RANK.main + 0.5 : RANK.item + index / 1_000;
}

/** One line of a panel, or several where it can grow. */
export interface Row extends RowDemand {
  /** One of many of a kind: those left out are counted. */
  readonly item?: boolean;
  /** What it is called, where it can be chosen to be shown alone. */
  readonly name?: string;
  /** The moment it is about (ISO 8601), which can be gone back to. */
  readonly moment?: string;
  draw(region: Region): void;
}

/** A part of the screen about one subject. */
export interface Panel {
  readonly title: string;
  /** Whether this sampler has anything to show here. */
  isPresent(moment: Moment): boolean;
  /** Its rows for a width, from top to bottom. */
  rows(view: View, moment: Moment, width: number): Row[];
  /** What it lists that can be shown alone, in their order. */
  items?(moment: Moment): readonly string[];
  /** Whether what it shows is not of this moment, because its collector is late. */
  isLate(moment: Moment): boolean;
}

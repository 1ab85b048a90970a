/** What a piece of text is, from which follows how it looks. One byte each, so that a cell stays small. */
export const STYLE = {
  plain: 0,
  title: 1,
  value: 2,
  faint: 3,
  good: 4,
  warning: 5,
  bad: 6,
  user: 7,
  nice: 8,
  system: 9,
  interrupt: 10,
  waiting: 11,
  stolen: 12,
  inbound: 13,
  outbound: 14,
  reversed: 15,
} as const;

export type Style = (typeof STYLE)[keyof typeof STYLE];

const RESET = '\x1b[0m';

/**
 * The sixteen colours of the terminal's own palette only: they suit light and dark backgrounds alike, because
 * they belong to the theme, like the background.
 */
const IN_COLOUR: Readonly<Record<Style, string>> = {
  [STYLE.plain]: RESET,
  [STYLE.title]: '\x1b[0;1;36m',
  [STYLE.value]: '\x1b[0;1m',
  [STYLE.faint]: '\x1b[0;2m',
  [STYLE.good]: '\x1b[0;32m',
  [STYLE.warning]: '\x1b[0;33m',
  [STYLE.bad]: '\x1b[0;1;31m',
  [STYLE.user]: '\x1b[0;32m',
  [STYLE.nice]: '\x1b[0;36m',
  [STYLE.system]: '\x1b[0;31m',
  [STYLE.interrupt]: '\x1b[0;35m',
  [STYLE.waiting]: '\x1b[0;33m',
  [STYLE.stolen]: '\x1b[0;34m',
  [STYLE.inbound]: '\x1b[0;36m',
  [STYLE.outbound]: '\x1b[0;35m',
  [STYLE.reversed]: '\x1b[0;7m',
};

const WITHOUT_COLOUR: Readonly<Record<Style, string>> = {
  [STYLE.plain]: RESET,
  [STYLE.title]: '\x1b[0;1m',
  [STYLE.value]: '\x1b[0;1m',
  [STYLE.faint]: RESET,
  [STYLE.good]: RESET,
  [STYLE.warning]: '\x1b[0;1m',
  [STYLE.bad]: '\x1b[0;7m',
  [STYLE.user]: RESET,
  [STYLE.nice]: RESET,
  [STYLE.system]: RESET,
  [STYLE.interrupt]: RESET,
  [STYLE.waiting]: RESET,
  [STYLE.stolen]: RESET,
  [STYLE.inbound]: RESET,
  [STYLE.outbound]: RESET,
  [STYLE.reversed]: '\x1b[0;7m',
};

/** The escape sequence that begins each style, whatever was there before. */
export function styleSequences(colour: boolean): Readonly<Record<Style, string>> {
  return colour ? IN_COLOUR : WITHOUT_COLOUR;
}

/** How a share of something that can run out looks; callers add a mark, because colour is never the only signal. */
export function fillStyle(percent: number): Style {
  if (percent >= 90) return STYLE.bad;
  return percent >= 75 ? STYLE.warning : STYLE.good;
}

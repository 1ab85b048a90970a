/** What can be made of the description of the flags. */
export const PRINTED_TEXTS = [
  'man-page',
  'bash-completion',
  'zsh-completion',
  'fish-completion',
  'sample-config',
] as const;

export type PrintedText = (typeof PRINTED_TEXTS)[number];

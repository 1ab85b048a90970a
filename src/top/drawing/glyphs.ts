/** The characters that bars and charts are made of. */
export interface Glyphs {
  /** Rising levels of one cell, from the lowest that is something to full. */
  readonly levels: readonly string[];
  /** Parts of one cell filled from the left, from the least to full. */
  readonly parts: readonly string[];
  /** What of a bar is not filled. */
  readonly empty: string;
  readonly open: string;
  readonly close: string;
  readonly ellipsis: string;
  readonly degrees: string;
  /** Kinds of CPU time, told apart without colour. */
  readonly kinds: Readonly<Record<CpuKind, string>>;
}

export type CpuKind = 'user' | 'nice' | 'system' | 'irq' | 'iowait' | 'steal';

export const BLOCK_GLYPHS: Glyphs = {
  levels: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  parts: ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'],
  empty: '·',
  open: '▕',
  close: '▏',
  ellipsis: '…',
  degrees: '°C',
  kinds: { user: '█', nice: '▄', system: '▓', irq: '▚', iowait: '░', steal: '×' },
};

export const ASCII_GLYPHS: Glyphs = {
  levels: ['_', '.', ':', '-', '=', '+', '*', '#'],
  parts: ['#'],
  empty: '.',
  open: '[',
  close: ']',
  ellipsis: '~',
  degrees: 'C',
  kinds: { user: '#', nice: '+', system: '=', irq: '^', iowait: '~', steal: 'x' },
};

/** The glyphs this terminal can show, judged by the locale; the Linux console has no eighths of a block. */
export function glyphsFor(environment: NodeJS.ProcessEnv): Glyphs {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale) && environment.TERM !== 'linux' ? BLOCK_GLYPHS : ASCII_GLYPHS;
}

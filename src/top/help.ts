import type { Glyphs } from './drawing/glyphs.ts';
import type { Region } from './drawing/region.ts';
import { STYLE } from './drawing/style.ts';

const KEYS = [
  ['q, Ctrl-C', 'quit'],
  ['p, space', 'pause, and go on'],
  ['1', 'every core as a bar, or all cores as a strip'],
  ['w', 'how long a column of the charts is: one snapshot, ten, a hundred'],
  ['tab, arrows', 'one panel alone, the next one, all again'],
  ['i, I', 'one interface, disk, file system or group alone, the next, all'],
  ['pgup, pgdn', 'back and forward in time; by a column with , and .'],
  ['home, end', 'the oldest moment kept; live again'],
  ['e', 'to the peak of the latest incident; again to the one before'],
  ['esc', 'out of the past, of one alone, of one panel'],
  ['mouse', 'a click chooses what is there; the wheel moves in time'],
  ['m', 'leaves the mouse to the terminal, to mark text (or hold Shift)'],
  ['?', 'this page'],
] as const;

/** What the keys do and what the signs mean. */
export function drawHelp(region: Region, glyphs: Glyphs): void {
  const { kinds, levels } = glyphs;
  const lines: readonly (readonly [string, string])[] = [
    ...KEYS,
    ['', ''],
    [`${levels[0]} to ${levels.at(-1)}`, 'a chart: the highest value within each column; a blank is a gap'],
    [
      `${kinds.user} ${kinds.system} ${kinds.irq} ${kinds.iowait}`,
      'CPU time: user, system, interrupts, waiting for a disk',
    ],
    [`${kinds.nice} ${kinds.steal}`, 'CPU time: nice, stolen by the hypervisor'],
    ['own cpu', 'what the sampler uses, as a share of one core'],
    ['*', 'part of the total: a wire or a whole disk of this host'],
    ['!', 'nearly full, late, lost or failing'],
    ['~', 'an estimate, because events had to share a counter'],
    ['N/A', 'cannot be had; the reason stands beside it'],
  ];
  // In the smallest terminal all of it fits just so.
  const top = region.height > lines.length ? 1 : 0;
  for (const [line, [sign, meaning]] of lines.entries()) {
    region.text(2, line + top, sign, STYLE.value);
    region.text(16, line + top, meaning);
  }
}
